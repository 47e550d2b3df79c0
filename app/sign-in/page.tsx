import type { Metadata } from 'next'
import Link from 'next/link'
import { signInErrorMessage } from 'next-atproto-auth'
import { z } from 'zod'
import { readSession } from '../_data/session.ts'
import { Outage } from '../_failure/outage.tsx'

export const metadata: Metadata = { title: 'Sign in' }

interface SignInProps {
  readonly searchParams: Promise<unknown>
}

// A link can say anything: a value that is odd (repeated, too long) counts as absent.
const paramsSchema = z.object({
  error: z.string().max(64).optional().catch(undefined),
  identifier: z.string().max(512).optional().catch(undefined),
  returnTo: z.string().max(2048).optional().catch(undefined),
})

/** The sign-in page: a plain form to the library's login route, which answers with a redirect. */
export default async function SignInPage({ searchParams }: SignInProps) {
  const [session, params] = await Promise.all([readSession(), searchParams])
  if (session === 'outage') return <Outage />
  const { error, identifier, returnTo } = paramsSchema.parse(params)
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

interface IdentifierFieldProps {
  readonly identifier: string | undefined
  readonly hasError: boolean
}

function IdentifierField({ identifier, hasError }: IdentifierFieldProps) {
  // The demo script sets this for the local network that it starts; its accounts exist nowhere else.
  const isDemo = Boolean(process.env.DEMO_NETWORK)
  return (
    <div className="field">
      <label htmlFor="identifier">Handle or DID</label>
      <p className="hint" id="identifier-hint">
        {isDemo ? (
          <>
            Accounts of this demo: <code>alice.test</code>, <code>bob.pds2.test</code>,{' '}
            <code>carol.test</code>
          </>
        ) : (
          'Your name on the network, such as alice.bsky.social'
        )}
      </p>
      <input
        id="identifier"
        name="identifier"
        type="text"
        required
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        placeholder="alice.bsky.social"
        defaultValue={identifier}
        aria-describedby={hasError ? 'sign-in-error identifier-hint' : 'identifier-hint'}
      />
    </div>
  )
}
