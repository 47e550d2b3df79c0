'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { usePage } from './nav-link.tsx'
import { SignOutForm } from './sign-out-form.tsx'
import { SendWhole, Streamed } from './streamed.tsx'

/** Pages that only signed-in people see. */
const pagesOfPeople: readonly string[] = ['home', 'compose', 'timeline', 'devices']

interface HeaderFrameProps {
  readonly links: ReactNode
  /** The same links, if the visitor is signed in. */
  readonly linksIfSignedIn: ReactNode
  readonly account: ReactNode
}

/** What of the header is in the static shell: which links belong there, the page says. */
export function HeaderFrame({ links, linksIfSignedIn, account }: HeaderFrameProps) {
  const { name, isWhole } = usePage()
  const isOfPeople = pagesOfPeople.includes(name)
  return (
    <SendWhole when={isWhole}>
      <header className="site-header">
        <Link className="brand" href="/">
          {/* biome-ignore lint/performance/noImgElement: a small SVG needs no optimiser */}
          <img src="/logo.svg" alt="" width={32} height={32} />
          <span>Next ATProto</span>
        </Link>
        {isOfPeople ? links : <Streamed placeholder={null}>{linksIfSignedIn}</Streamed>}
        <Streamed placeholder={isOfPeople ? <SomeAccount /> : <SignInLink />}>{account}</Streamed>
      </header>
    </SendWhole>
  )
}

/** In the place of the account menu. Signing out needs nothing of the session. */
function SomeAccount() {
  return (
    <div className="some-account">
      <span className="avatar skeleton" aria-hidden="true" />
      <noscript>
        <SignOutForm />
      </noscript>
    </div>
  )
}

/** As in the account menu of a visitor. */
function SignInLink() {
  return (
    <a data-atproto="sign-in-link" href="/sign-in">
      Sign in
    </a>
  )
}
