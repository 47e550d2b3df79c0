import type { Metadata } from 'next'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { appView, timelineScope } from '../../app-view.ts'
import { requirePerson } from '../_data/session.ts'
import { cursorSchema, readTimeline } from '../_data/timeline.ts'
import { OutageNote } from '../_failure/outage.tsx'
import { PostsSkeleton } from '../_frame/posts-skeleton.tsx'
import { Streamed } from '../_frame/streamed.tsx'
import { PageLink, WithoutScripts } from '../_frame/without-scripts.tsx'
import { AskForTimeline, NoTimeline, TimelineProblem } from './no-timeline.tsx'
import { TimelinePosts } from './timeline-posts.tsx'

export const metadata: Metadata = { title: 'Timeline' }

interface TimelineProps {
  readonly searchParams: Promise<unknown>
}

const paramsSchema = z.object({ cursor: cursorSchema.optional().catch(undefined) })

/** The posts of the people whom the signed-in person follows. It needs a permission of its own. */
export default function TimelinePage({ searchParams }: TimelineProps) {
  return (
    <div className="feed tall">
      <h1>Timeline</h1>
      <WithoutScripts path="/timeline">Your timeline is not shown here.</WithoutScripts>
      <Streamed placeholder={<PostsSkeleton label="Your timeline is loading" posts={6} />}>
        <Timeline searchParams={searchParams} />
      </Streamed>
    </div>
  )
}

async function Timeline({ searchParams }: TimelineProps) {
  const session = await requirePerson('/timeline')
  if (session === 'outage') return <OutageNote path="/timeline" />
  const service = appView()
  if (service === undefined) return <NoTimeline />
  if (!session.can(timelineScope(service))) return <AskForTimeline server={new URL(session.pds).host} />
  const { cursor } = paramsSchema.parse(await searchParams)
  return <Feed session={session} service={service} cursor={cursor} />
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
          <PageLink className="button quiet" href="/timeline">
            Newest posts
          </PageLink>
        )}
        {older === undefined ? null : (
          <PageLink className="button quiet" href={`/timeline?${new URLSearchParams({ cursor: older })}`}>
            Older posts
          </PageLink>
        )}
      </nav>
    </>
  )
}
