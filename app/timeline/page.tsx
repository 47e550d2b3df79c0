import type { Metadata } from 'next'
import Link from 'next/link'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { appView, timelineScope } from '../../app-view.ts'
import { auth } from '../../auth.ts'
import { cursorSchema, readTimeline } from '../_data/timeline.ts'
import { PostsSkeleton } from '../_frame/posts-skeleton.tsx'
import { WhileLoading } from '../_frame/while-loading.tsx'
import { AskForTimeline, NoTimeline, TimelineProblem } from './no-timeline.tsx'
import { TimelinePosts } from './timeline-posts.tsx'

export const metadata: Metadata = { title: 'Timeline' }

interface TimelineProps {
  readonly searchParams: Promise<unknown>
}

const paramsSchema = z.object({ cursor: cursorSchema.optional().catch(undefined) })

/** The posts of the people whom the signed-in person follows. It needs a permission of its own. */
export default async function TimelinePage({ searchParams }: TimelineProps) {
  const session = await auth.requireSession({ returnTo: '/timeline' })
  const service = appView()
  const { cursor } = paramsSchema.parse(await searchParams)
  return (
    <div className="feed">
      <h1>Timeline</h1>
      {service === undefined ? (
        <NoTimeline />
      ) : session.can(timelineScope(service)) ? (
        <WhileLoading placeholder={<PostsSkeleton label="Your timeline is loading" posts={6} />}>
          <Feed session={session} service={service} cursor={cursor} />
        </WhileLoading>
      ) : (
        <AskForTimeline server={new URL(session.pds).host} />
      )}
    </div>
  )
}

interface FeedProps {
  readonly session: OAuthSession
  readonly service: string
  readonly cursor: string | undefined
}

async function Feed({ session, service, cursor }: FeedProps) {
  const answer = await readTimeline(session, service, cursor)
  const server = new URL(session.pds).host
  if (!answer.ok) {
    return <TimelineProblem problem={answer.problem} server={server} service={service} did={session.did} />
  }
  const { posts, cursor: older } = answer.value
  return (
    <>
      <TimelinePosts posts={posts} isFirstPage={cursor === undefined} />
      <nav className="actions" aria-label="Pages of the timeline">
        {cursor === undefined ? null : (
          <Link className="button quiet" href="/timeline">
            Newest posts
          </Link>
        )}
        {older === undefined ? null : (
          <Link className="button quiet" href={{ pathname: '/timeline', query: { cursor: older } }}>
            Older posts
          </Link>
        )}
      </nav>
    </>
  )
}
