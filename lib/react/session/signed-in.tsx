/** Parts of a page for those who are signed in, and for those who are not. */
'use client'

import { type ReactNode, Suspense } from 'react'
import type { BrowserSession } from './browser-session.ts'
import { useSession } from './session-context.tsx'

/** Props of `<SignedIn>` and `<SignedOut>`. */
export interface SignedInProps {
  readonly children: ReactNode
  /** Shown until the status is known. Default nothing. */
  readonly fallback?: ReactNode
}

/**
 * Shows its children only if an account is signed in (`active`). This is no access control: what a server component
 * passes as children is sent to every browser.
 *
 * @throws Error without a `<SessionProvider>`
 */
export function SignedIn(props: SignedInProps) {
  return <ShownFor {...props} kinds={signedIn} />
}

/**
 * Shows its children only if no account is signed in, or if it has to sign in again (`none`, `reauth_required`). While
 * it is not known (`unknown`), neither this nor `<SignedIn>` shows anything.
 *
 * @throws Error without a `<SessionProvider>`
 */
export function SignedOut(props: SignedInProps) {
  return <ShownFor {...props} kinds={signedOut} />
}

const signedIn: readonly BrowserSession['kind'][] = ['active']
const signedOut: readonly BrowserSession['kind'][] = ['none', 'reauth_required']

interface ShownForProps extends SignedInProps {
  readonly kinds: readonly BrowserSession['kind'][]
}

function ShownFor({ fallback, ...props }: ShownForProps) {
  return (
    <Suspense fallback={fallback}>
      <Settled {...props} />
    </Suspense>
  )
}

function Settled({ children, kinds }: Omit<ShownForProps, 'fallback'>) {
  return kinds.includes(useSession().kind) ? children : null
}
