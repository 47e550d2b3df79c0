import type { Metadata } from 'next'
import Link from 'next/link'
import { SignInForm } from 'next-atproto-auth/react'
import { z } from 'zod'
import { readSession } from '../_data/session.ts'
import { Outage } from '../_failure/outage.tsx'
import { PermissionDeclined } from './permission-declined.tsx'

export const metadata: Metadata = { title: 'Sign in' }

interface SignInProps {
  readonly searchParams: Promise<unknown>
}

// A link can contain anything: an unexpected value (repeated, too long) counts as absent.
const paramsSchema = z.object({
  error: z.string().max(64).optional().catch(undefined),
  identifier: z.string().max(512).optional().catch(undefined),
  returnTo: z.string().max(2048).optional().catch(undefined),
  scope: z.string().max(8192).optional().catch(undefined),
})

/** The sign-in page: a plain form that posts to the library's login route. */
export default async function SignInPage({ searchParams }: SignInProps) {
  const [session, params] = await Promise.all([readSession(), searchParams])
  if (session === 'outage') return <Outage />
  const { error, identifier, returnTo, scope } = paramsSchema.parse(params)
  // A signed-in person was asked for one more permission and did not grant it.
  if (session !== null && error !== undefined && scope !== undefined) {
    return <PermissionDeclined did={session.did} error={error} returnTo={returnTo} scope={scope} />
  }
  return (
    <div className="narrow">
      <h1>Sign in</h1>
      {session === null ? null : (
        <p className="notice">
          You are already signed in. <Link href="/">Go to your page</Link>, or sign in with another account.
        </p>
      )}
      <SignInForm
        error={error}
        identifier={identifier}
        returnTo={returnTo}
        scope={scope}
        hint={<IdentifierHint />}
        classNames={{ form: 'stack', submit: 'button', error: 'problem', hint: 'hint' }}
      />
      <p className="muted">
        You enter your password on your own server, not here. You are sent there next, and come back
        afterwards.
      </p>
    </div>
  )
}

function IdentifierHint() {
  // `npm run demo` sets this; the accounts exist only on the network that it starts.
  if (!process.env.DEMO_NETWORK) return 'Your handle, such as alice.bsky.social'
  return (
    <>
      Accounts of this demo: <code>alice.test</code>, <code>bob.pds2.test</code>, <code>carol.test</code>
    </>
  )
}
