/** Shown in the place of the timeline when there is none: why, and what to do. */
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { Problem } from '../_data/answer.ts'

interface NoticeCardProps {
  readonly title: string
  readonly children: ReactNode
}

function NoticeCard({ title, children }: NoticeCardProps) {
  return (
    <section className="card notice-card">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** For an app that is not configured with an AppView. */
export function NoTimeline() {
  return (
    <NoticeCard title="This app has no timeline">
      <p>
        A service called an AppView compiles timelines, and this app is not configured with one. Your own
        posts are on your server as usual.
      </p>
      <p>
        <Link className="button" href="/">
          Go to your page
        </Link>
      </p>
    </NoticeCard>
  )
}

/** For a person who has not granted the permission yet. */
export function AskForTimeline({ server }: { readonly server: string }) {
  return (
    <NoticeCard title="This app needs your permission first">
      <p>
        So far, this app can only see your page and post for you. To show your timeline, it needs one more
        permission. <strong>{server}</strong> asks you for it and brings you back here.
      </p>
      <div className="actions">
        {/* A plain link, because it redirects to the person's server. */}
        <a className="button" href="/timeline/allow">
          Ask my server
        </a>
        <Link className="button quiet" href="/">
          Not now
        </Link>
      </div>
    </NoticeCard>
  )
}

interface TimelineProblemProps {
  readonly problem: Problem
  /** The host of the person's PDS. */
  readonly server: string
  readonly service: string
  readonly did: string
}

/** For a timeline that could not be loaded. */
export function TimelineProblem({ problem, server, service, did }: TimelineProblemProps) {
  if (problem === 'scope_missing') return <AskForTimeline server={server} />
  if (problem === 'session_ended') {
    const query = { identifier: did, returnTo: '/timeline' }
    return (
      <NoticeCard title="Your session has ended">
        <p>Your server no longer accepts it. Sign in again to continue.</p>
        <p>
          <Link className="button" href={{ pathname: '/sign-in', query }}>
            Sign in again
          </Link>
        </p>
      </NoticeCard>
    )
  }
  const { title, text } = problems[problem === 'unavailable' ? 'unavailable' : 'refused']
  return (
    <NoticeCard title={title}>
      <p>{text(server)}</p>
      <p className="muted">
        The service is <code>{service}</code>.
      </p>
      <div className="actions">
        {/* A plain link, because it loads the whole page again. */}
        <a className="button" href="/timeline">
          Try again
        </a>
        <Link className="button quiet" href="/">
          Go to your page
        </Link>
      </div>
    </NoticeCard>
  )
}

const problems = {
  unavailable: {
    title: 'The timeline could not be loaded',
    text: (server: string) =>
      `Either your server ${server} or the service that compiles timelines did not answer. You are still signed in. Wait a moment and try again.`,
  },
  refused: {
    title: 'Your server did not provide the timeline',
    text: (server: string) =>
      `Your server ${server} did not pass the request on to the service that compiles timelines. Your own page still works.`,
  },
} as const
