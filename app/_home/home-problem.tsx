import Link from 'next/link'
import type { Problem } from '../_data/answer.ts'
import { SignOutForm } from '../_frame/sign-out-form.tsx'

interface HomeProblemProps {
  readonly problem: Problem
  /** The host of the person's PDS. */
  readonly server: string
  readonly did: string
}

/** Shown in the place of the home page when the profile could not be read: what happened and what to do. */
export function HomeProblem({ problem, server, did }: HomeProblemProps) {
  if (problem === 'session_ended') return <SessionEnded did={did} />
  const isDown = problem === 'unavailable'
  return (
    <div className="message">
      <h1>{isDown ? 'Your server did not answer' : 'Your server refused access'}</h1>
      {isDown ? (
        <p>
          Your server <strong>{server}</strong> did not answer just now. You are still signed in: wait a
          moment and try again.
        </p>
      ) : (
        <p>
          Your server <strong>{server}</strong> answered, but did not let this app read your profile. If this
          happens again, sign out and sign in again.
        </p>
      )}
      <div className="actions">
        {/* A plain link, because it loads the whole page again. */}
        <a className="button" href="/">
          Try again
        </a>
        <SignOutForm did={did} />
      </div>
    </div>
  )
}

/** Shown to a person who has to sign in again. */
export function SessionEnded({ did }: { readonly did: string }) {
  return (
    <div className="message">
      <h1>Your session has ended</h1>
      <p>Your server no longer accepts it. Sign in again to continue.</p>
      <p>
        <Link className="button" href={{ pathname: '/sign-in', query: { identifier: did, returnTo: '/' } }}>
          Sign in again
        </Link>
      </p>
    </div>
  )
}
