import Link from 'next/link'
import { connection } from 'next/server'
import { SignInForm } from 'next-atproto-auth/react'
import type { ReactNode } from 'react'
import { Streamed } from '../_frame/streamed.tsx'

interface SignInCardProps {
  /** From the query of the page. */
  readonly query?: Readonly<
    Partial<Record<'error' | 'errorReference' | 'identifier' | 'returnTo' | 'scope', string | undefined>>
  >
  /** What follows the form. */
  readonly children: ReactNode
}

/** The heading and a plain form that posts to the library's login route. */
export function SignInCard({ query, children }: SignInCardProps) {
  return (
    <div className="narrow">
      <h1>Sign in</h1>
      <SignInForm
        {...query}
        hint="Your handle, such as alice.bsky.social"
        classNames={{ form: 'stack', submit: 'button', error: 'problem', reference: 'hint', hint: 'hint' }}
      />
      <p className="muted">
        You enter your password on your own server, not here. You are sent there next, and come back
        afterwards.
      </p>
      <Streamed placeholder={null}>
        <DemoAccounts />
      </Streamed>
      {children}
    </div>
  )
}

/** `npm run demo` sets DEMO_NETWORK; the accounts exist only on the network that it starts. */
async function DemoAccounts() {
  // The environment of the build may be another one than that of the server.
  await connection()
  if (!process.env.DEMO_NETWORK) return null
  return (
    <p className="muted">
      Accounts of this demo: <code>alice.test</code>, <code>bob.pds2.test</code>, <code>carol.test</code>
    </p>
  )
}

/** For a person who is signed in: they may want to add an account. */
export function AlreadySignedIn() {
  return (
    <p className="notice">
      You are already signed in. <Link href="/">Go to your page</Link>, or sign in with another account.
    </p>
  )
}
