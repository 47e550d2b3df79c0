/** What stands in the place of a timeline when there is none: why, and what to do. */
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

/** No AppView is named in this app's settings. */
export function NoTimeline() {
  return (
    <NoticeCard title="This app has no timeline">
      <p>
        A timeline is put together by a service called AppView, and whoever runs this app has not named one.
        Your posts are on your own server all the same.
      </p>
      <p>
        <Link className="button" href="/">
          Go to your page
        </Link>
      </p>
    </NoticeCard>
  )
}

/** The person has not allowed it yet. */
export function AskFirst({ server }: { readonly server: string }) {
  return (
    <NoticeCard title="Your server has to allow it first">
      <p>
        Until now this app may only see your page and post for you. To show your timeline, it needs one more
        permission. <strong>{server}</strong> asks you for it and brings you back here.
      </p>
      <div className="actions">
        {/* A plain link: it leads to the person's own server, through this app's sign-in route. */}
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

interface TimelineTroubleProps {
  readonly problem: Problem
  /** The host of the person's PDS. */
  readonly server: string
  readonly service: string
  readonly did: string
}

/** The timeline was asked for and did not come. */
export function TimelineTrouble({ problem, server, service, did }: TimelineTroubleProps) {
  if (problem === 'scope_missing') return <AskFirst server={server} />
  if (problem === 'session_ended') {
    const query = { identifier: did, returnTo: '/timeline' }
    return (
      <NoticeCard title="Your session has ended">
        <p>Your server no longer accepts it. Sign in again to go on.</p>
        <p>
          <Link className="button" href={{ pathname: '/sign-in', query }}>
            Sign in again
          </Link>
        </p>
      </NoticeCard>
    )
  }
  const { title, text } = troubles[problem === 'unavailable' ? 'unavailable' : 'refused']
  return (
    <NoticeCard title={title}>
      <p>{text(server)}</p>
      <p className="muted">
        The service is <code>{service}</code>.
      </p>
      <div className="actions">
        {/* A plain link: it asks the server for the whole page again. */}
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

const troubles = {
  unavailable: {
    title: 'The timeline did not come',
    text: (server: string) =>
      `Either your server ${server} or the service that puts timelines together did not answer. You are still signed in, and your posts are safe: wait a moment and try again.`,
  },
  refused: {
    title: 'Your server has no timeline for this app',
    text: (server: string) =>
      `Your server ${server} does not pass the question on to the service that puts timelines together. Your own page works all the same.`,
  },
} as const
