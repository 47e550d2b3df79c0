import Link from 'next/link'
import { signInErrorMessage, signInErrorReference } from 'next-atproto-auth'

interface PermissionDeclinedProps {
  readonly did: string
  readonly error: string
  readonly errorReference: string | undefined
  readonly returnTo: string | undefined
  readonly scope: string
}

/** Shown to a signed-in person when a further permission was not granted. */
export function PermissionDeclined({ did, error, errorReference, returnTo, scope }: PermissionDeclinedProps) {
  const reference = signInErrorReference(errorReference)
  return (
    <div className="narrow">
      <h1>The permission was not granted</h1>
      <p className="problem" role="alert">
        {signInErrorMessage(error) ?? 'The permission could not be requested. Please try again.'}
      </p>
      {reference === undefined ? null : (
        <p className="hint">
          Reference: <code translate="no">{reference}</code>
        </p>
      )}
      <p>You are still signed in, and everything else works as before.</p>
      <form className="actions" method="post" action="/oauth/login">
        <input type="hidden" name="identifier" value={did} />
        <input type="hidden" name="scope" value={scope} />
        {returnTo === undefined ? null : <input type="hidden" name="returnTo" value={returnTo} />}
        <button className="button" type="submit">
          Ask my server again
        </button>
        {/* Only a page that works without the permission: `returnTo` comes from the address bar. */}
        <Link className="button quiet" href={returnTo === '/compose' ? '/compose' : '/'}>
          Continue without it
        </Link>
      </form>
    </div>
  )
}
