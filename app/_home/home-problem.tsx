import Link from 'next/link'
import type { Problem } from '../_data/answer.ts'
import { SignOutForm } from '../_frame/sign-out-form.tsx'

interface TroubleProps {
  readonly problem: Problem
  /** The host of the person's PDS. */
  readonly server: string
  readonly did: string
}

/** What the home page shows when the PDS gives nothing to show: what happened and what to do. */
export function Trouble({ problem, server, did }: TroubleProps) {
  if (problem === 'session_ended') return <SessionEnded did={did} />
  const isDown = problem === 'unavailable'
  return (
    <div className="message">
      <h1>{isDown ? 'Your server did not answer' : 'Your server did not let us in'}</h1>
      {isDown ? (
        <p>
          Your server <strong>{server}</strong> did not answer just now. You are still signed in: wait a
          moment and try again.
        </p>
      ) : (
        <p>
          Your server <strong>{server}</strong> answered, but did not let this app read your profile. If it
          goes on, sign out and in again.
        </p>
      )}
      <div className="actions">
        {/* A plain link, not a router one: it asks the server for the whole page again. */}
        <a className="button" href="/">
          Try again
        </a>
        <SignOutForm did={did} />
      </div>
    </div>
  )
}

/** For somebody whose server wants a new sign-in. */
export function SessionEnded({ did }: { readonly did: string }) {
  return (
    <div className="message">
      <h1>Your session has ended</h1>
      <p>Your server no longer accepts it. Sign in again to go on.</p>
      <p>
        <Link className="button" href={{ pathname: '/sign-in', query: { identifier: did, returnTo: '/' } }}>
          Sign in again
        </Link>
      </p>
    </div>
  )
}
