/** The posts of the people somebody follows, as an AppView puts them together (`app.bsky.feed.getTimeline`). */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { type Answer, query } from './xrpc.ts'

export interface TimelinePost {
  /** The post's at:// URI; twice in a page when it was also reposted. */
  readonly uri: string
  readonly author: TimelineAuthor
  readonly text: string
  readonly pictures: readonly TimelinePicture[]
  /** Why the pictures should not be shown unasked; undefined when nothing is said against it. */
  readonly warning: string | undefined
  readonly createdAt: Date | undefined
  /** Who brought it up again, when it is there for that. */
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
  /** What to ask for to get older posts; undefined at the end. */
  readonly cursor: string | undefined
}

/** Of a page, and of the pictures of a post, whatever an AppView sends. */
const maxPosts = 30
const maxPictures = 4

export const cursorSchema = z.string().min(1).max(512)

// Any program may have written what an AppView hands on: one odd part must not cost the rest.
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
 * One page of the timeline, newest first, asked through the person's own PDS.
 *
 * @param service the AppView, e.g. `did:web:api.bsky.app#bsky_appview`
 */
export async function readTimeline(
  session: OAuthSession,
  service: string,
  cursor: string | undefined,
): Promise<Answer<TimelinePage>> {
  const answer = await query(session, {
    nsid: 'app.bsky.feed.getTimeline',
    params: { limit: String(maxPosts), ...(cursor !== undefined && { cursor }) },
    schema: pageSchema,
    proxy: service,
  })
  if (!answer.ok) return answer
  const { feed, cursor: next } = answer.value
  return { ok: true, value: { posts: feed.slice(0, maxPosts).flatMap(toPost), cursor: next } }
}

function toPost(entry: unknown): TimelinePost[] {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) return []
  const { post, reason } = parsed.data
  const { text, createdAt } = post.record
  const images = post.embed?.images.slice(0, maxPictures) ?? []
  const pictures = images.flatMap((image) => pictureSchema.safeParse(image).data ?? [])
  const labels = (post.labels ?? []).filter(({ neg }) => !neg).map(({ val }) => val)
  // Moderators ask that it be shown to nobody.
  if (labels.includes('!hide')) return []
  const warning = labels.map((label) => warnings.get(label)).find((words) => words !== undefined)
  const { uri, author } = post
  return [{ uri, author, text, pictures, warning, createdAt, repostedBy: reason?.by.name }]
}

/** The labels that everybody agrees about (atproto.com/specs/label), in words. */
const warnings: ReadonlyMap<string, string> = new Map([
  ['!warn', 'Moderators advise caution'],
  ['porn', 'Adult content'],
  ['sexual', 'Sexually suggestive'],
  ['nudity', 'Nudity'],
  ['graphic-media', 'Graphic media'],
])

/** Pictures come over https, in the demo also from this machine. */
function isPictureUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url?.protocol === 'https:') return true
  const isHere = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname)
  return isHere && Boolean(process.env.DEMO_NETWORK)
}
