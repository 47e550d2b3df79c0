import type { Metadata } from 'next'
import Link from 'next/link'
import { signInErrorMessage } from 'next-atproto-auth'
import { z } from 'zod'
import { readSession } from '../_data/session.ts'
import { Outage } from '../_failure/outage.tsx'
import { IdentifierField } from './identifier-field.tsx'
import { PermissionDeclined } from './permission-declined.tsx'

export const metadata: Metadata = { title: 'Sign in' }

interface SignInProps {
  readonly searchParams: Promise<unknown>
}

// A link can say anything: a value that is odd (repeated, too long) counts as absent.
const paramsSchema = z.object({
  error: z.string().max(64).optional().catch(undefined),
  identifier: z.string().max(512).optional().catch(undefined),
  returnTo: z.string().max(2048).optional().catch(undefined),
  scope: z.string().max(2048).optional().catch(undefined),
})

/** The sign-in page: a plain form to the library's login route, which answers with a redirect. */
export default async function SignInPage({ searchParams }: SignInProps) {
  const [session, params] = await Promise.all([readSession(), searchParams])
  if (session === 'outage') return <Outage />
  const { error, identifier, returnTo, scope } = paramsSchema.parse(params)
  // Signed in, and more was asked for: nothing but that permission is missing.
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
      {error === undefined ? null : (
        <p className="problem" role="alert" id="sign-in-error">
          {signInErrorMessage(error) ?? 'Signing in did not work. Please try again.'}
        </p>
      )}
      <form className="stack" method="post" action="/oauth/login">
        <IdentifierField identifier={identifier} hasError={error !== undefined} />
        {returnTo === undefined ? null : <input type="hidden" name="returnTo" value={returnTo} />}
        {scope === undefined ? null : <input type="hidden" name="scope" value={scope} />}
        <button className="button wide" type="submit">
          Sign in
        </button>
      </form>
      <p className="muted">
        You type your password on your own server, never here: next you are sent there, and it brings you
        back.
      </p>
    </div>
  )
}
