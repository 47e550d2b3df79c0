import Link from 'next/link'
import { signInErrorMessage } from 'next-atproto-auth'

interface PermissionDeclinedProps {
  readonly did: string
  readonly error: string
  readonly returnTo: string | undefined
  readonly scope: string
}

/** For somebody who is signed in, and whose server was asked for more and did not give it. */
export function PermissionDeclined({ did, error, returnTo, scope }: PermissionDeclinedProps) {
  return (
    <div className="narrow">
      <h1>Your server did not allow it</h1>
      <p className="problem" role="alert">
        {signInErrorMessage(error) ?? 'Asking for the permission did not work. Please try again.'}
      </p>
      <p>You are still signed in, and everything else works as before.</p>
      <form className="actions" method="post" action="/oauth/login">
        <input type="hidden" name="identifier" value={did} />
        <input type="hidden" name="scope" value={scope} />
        {returnTo === undefined ? null : <input type="hidden" name="returnTo" value={returnTo} />}
        <button className="button" type="submit">
          Ask my server again
        </button>
        {/* Of what the address bar says only a page that works without the permission counts. */}
        <Link className="button quiet" href={returnTo === '/compose' ? '/compose' : '/'}>
          Go on without
        </Link>
      </form>
    </div>
  )
}
