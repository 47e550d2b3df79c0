/** The signed-in person's timeline, compiled by an AppView (`app.bsky.feed.getTimeline`). */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { type Answer, answerOf, readLimits } from './answer.ts'
import { type Facet, facetsSchema } from './facets.ts'

export interface TimelinePost {
  /** The post's at:// URI. It occurs twice when the post was reposted, too. */
  readonly uri: string
  readonly author: TimelineAuthor
  readonly text: string
  readonly facets: readonly Facet[]
  readonly pictures: readonly TimelinePicture[]
  /** Why the pictures are hidden until the reader asks for them; undefined when they are not. */
  readonly warning: string | undefined
  readonly createdAt: Date | undefined
  /** The name of the person whose repost it is. */
  readonly repostedBy: string | undefined
}

export interface TimelineAuthor {
  readonly name: string
  /** Without `@`. */
  readonly handle: string
  readonly avatar: string | undefined
}

export interface TimelinePicture {
  readonly src: string
  readonly alt: string
  /** Only the ratio counts. */
  readonly size: { readonly width: number; readonly height: number } | undefined
}

export interface TimelinePage {
  readonly posts: readonly TimelinePost[]
  /** For the page with older posts; undefined at the end. */
  readonly cursor: string | undefined
}

/** An AppView may send more. */
const maxPosts = 30
const maxPictures = 4

export const cursorSchema = z.string().min(1).max(512)

// Any program may have written what an AppView passes on: a malformed part is left out, and the rest is kept.
const pageSchema = z.object({
  feed: z.array(z.unknown()),
  cursor: cursorSchema.optional().catch(undefined),
})
const urlSchema = z.string().max(2_048).refine(isPictureUrl)
const sideSchema = z.number().int().positive().max(100_000)
const authorSchema = z
  .object({
    handle: z.string().min(1).max(253),
    displayName: z.string().trim().max(640).optional().catch(undefined),
    avatar: urlSchema.optional().catch(undefined),
  })
  .transform(
    ({ handle, displayName, avatar }): TimelineAuthor => ({
      name: displayName || `@${handle}`,
      handle,
      avatar,
    }),
  )
const pictureSchema = z
  .object({
    thumb: urlSchema,
    alt: z.string().catch(''),
    aspectRatio: z.object({ width: sideSchema, height: sideSchema }).optional().catch(undefined),
  })
  .transform(({ thumb, alt, aspectRatio }): TimelinePicture => ({ src: thumb, alt, size: aspectRatio }))
const labelsSchema = z
  .array(z.object({ val: z.string().max(128), neg: z.boolean().optional() }))
  .optional()
  .catch(undefined)
const entrySchema = z.object({
  post: z.object({
    uri: z.string(),
    author: authorSchema,
    record: z.object({
      text: z.string(),
      facets: facetsSchema,
      createdAt: z.coerce.date().optional().catch(undefined),
    }),
    embed: z
      .object({ $type: z.literal('app.bsky.embed.images#view'), images: z.array(z.unknown()) })
      .optional()
      .catch(undefined),
    labels: labelsSchema,
  }),
  reason: z
    .object({ $type: z.literal('app.bsky.feed.defs#reasonRepost'), by: authorSchema })
    .optional()
    .catch(undefined),
})

/**
 * One page of the timeline, newest first. The call goes to the person's PDS, which passes it on to the AppView.
 *
 * @param service the AppView, e.g. `did:web:api.bsky.app#bsky_appview`
 */
export async function readTimeline(
  session: OAuthSession,
  service: string,
  cursor: string | undefined,
): Promise<Answer<TimelinePage>> {
  const params = { limit: maxPosts, cursor }
  const answer = await answerOf(
    session
      .withProxy(service)
      .get('app.bsky.feed.getTimeline', { ...readLimits, params, schema: pageSchema }),
  )
  if (!answer.ok) return answer
  const { feed, cursor: next } = answer.value
  return { ok: true, value: { posts: feed.slice(0, maxPosts).flatMap(toPost), cursor: next } }
}

/** The post as an array of one; empty when it is malformed or must not be shown. */
function toPost(entry: unknown): TimelinePost[] {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) return []
  const { post, reason } = parsed.data
  const { text, facets, createdAt } = post.record
  const images = post.embed?.images.slice(0, maxPictures) ?? []
  const pictures = images.flatMap((image) => pictureSchema.safeParse(image).data ?? [])
  const labels = (post.labels ?? []).filter(({ neg }) => !neg).map(({ val }) => val)
  // Moderators have hidden the post.
  if (labels.includes('!hide')) return []
  const warning = labels.map((label) => warnings.get(label)).find((words) => words !== undefined)
  const { uri, author } = post
  return [{ uri, author, text, facets, pictures, warning, createdAt, repostedBy: reason?.by.name }]
}

/** What to say for each of the global labels (atproto.com/specs/label). */
const warnings: ReadonlyMap<string, string> = new Map([
  ['!warn', 'Moderators advise caution'],
  ['porn', 'Adult content'],
  ['sexual', 'Sexually suggestive'],
  ['nudity', 'Nudity'],
  ['graphic-media', 'Graphic media'],
])

/** Whether a picture comes over https or, in the demo, from this machine. */
function isPictureUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url?.protocol === 'https:') return true
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname)
  return isLocal && Boolean(process.env.DEMO_NETWORK)
}
