/** The signed-in person's posts: `app.bsky.feed.post` records in the repository on their own PDS. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import type { AttachedPicture } from '../compose/picture-limits.ts'
import { type Answer, answerOf, readLimits, writeLimits } from './answer.ts'
import { type BlobRef, blobSchema } from './blob.ts'
import { encodeFacet, type Facet, facetsSchema } from './facets.ts'

export interface PostPicture {
  /** The description; empty when there is none. */
  readonly alt: string
  readonly blob: BlobRef
  /** Only the ratio counts: the unit is not known. */
  readonly size: { readonly width: number; readonly height: number } | undefined
}

export interface Post {
  /** The record key: the last part of the post's at:// URI. */
  readonly rkey: string
  /** Empty for a post without words, such as a picture or a quote. */
  readonly text: string
  readonly facets: readonly Facet[]
  readonly pictures: readonly PostPicture[]
  /** Undefined when the record has no valid date. */
  readonly createdAt: Date | undefined
}

export interface NewPost {
  readonly text: string
  readonly facets: readonly Facet[]
  readonly pictures: readonly AttachedPicture[]
  /** The time that readers will see. */
  readonly createdAt: Date
}

const collection = 'app.bsky.feed.post'
/** A PDS may send more. */
const maxPosts = 20

/** A record key (https://atproto.com/specs/record-key). */
export const rkeySchema = z.string().regex(/^[A-Za-z0-9._~:-]{1,512}$/)

const sideSchema = z.number().int().positive().max(100_000)
const pictureSchema = z
  .object({
    alt: z.string().catch(''),
    image: blobSchema,
    aspectRatio: z.object({ width: sideSchema, height: sideSchema }).optional().catch(undefined),
  })
  .transform(({ alt, image, aspectRatio }): PostPicture => ({ alt, blob: image, size: aspectRatio }))
// Any program may have written the record: an embed that is of another kind or malformed is ignored, the text is kept.
const embedSchema = z.object({
  $type: z.literal('app.bsky.embed.images'),
  images: z.array(pictureSchema).max(4),
})
const postSchema = z.object({
  uri: z.string(),
  value: z.object({
    text: z.string(),
    facets: facetsSchema,
    createdAt: z.coerce.date().optional().catch(undefined),
    embed: embedSchema.optional().catch(undefined),
  }),
})
const listSchema = z.object({ records: z.array(z.unknown()) })
const createdSchema = z.object({ uri: z.string() })
const deletedSchema = z.object({})

/** The latest posts, at most twenty, newest first. Records that are not valid posts are left out. */
export async function listPosts(session: OAuthSession): Promise<Answer<readonly Post[]>> {
  const params = { repo: session.did, collection, limit: maxPosts }
  const answer = await answerOf(
    session.get('com.atproto.repo.listRecords', { ...readLimits, params, schema: listSchema }),
  )
  if (!answer.ok) return answer
  return { ok: true, value: answer.value.records.slice(0, maxPosts).flatMap(toPost) }
}

/** One post; `not_found` when no valid post has that key. */
export async function readPost(session: OAuthSession, rkey: string): Promise<Answer<Post>> {
  const params = { repo: session.did, collection, rkey }
  const answer = await answerOf(
    session.get('com.atproto.repo.getRecord', { ...readLimits, params, schema: z.unknown() }),
  )
  if (!answer.ok) return answer
  const [post] = toPost(answer.value)
  return post ? { ok: true, value: post } : { ok: false, problem: 'not_found' }
}

/** Writes a post. The same account must have uploaded its pictures before. */
export async function createPost(session: OAuthSession, post: NewPost): Promise<Answer<unknown>> {
  const { text, facets, pictures, createdAt } = post
  const images = { $type: 'app.bsky.embed.images', images: pictures.map(toEmbeddedImage) }
  const record = {
    $type: collection,
    text,
    createdAt: createdAt.toISOString(),
    langs: ['en'],
    // Undefined is left out of the JSON.
    facets: facets.length > 0 ? facets.map(encodeFacet) : undefined,
    embed: pictures.length > 0 ? images : undefined,
  }
  const body = { repo: session.did, collection, record }
  return answerOf(
    session.post('com.atproto.repo.createRecord', { ...writeLimits, body, schema: createdSchema }),
  )
}

/** Deletes a post. It also succeeds when the post is gone already. */
export async function deletePost(session: OAuthSession, rkey: string): Promise<Answer<unknown>> {
  const body = { repo: session.did, collection, rkey }
  return answerOf(
    session.post('com.atproto.repo.deleteRecord', { ...writeLimits, body, schema: deletedSchema }),
  )
}

/** The post as an array of one; empty when the record is not a valid post. */
function toPost(record: unknown): Post[] {
  const parsed = postSchema.safeParse(record)
  if (!parsed.success) return []
  const { text, facets, createdAt, embed } = parsed.data.value
  const rkey = rkeySchema.safeParse(parsed.data.uri.split('/').at(-1))
  return rkey.success ? [{ rkey: rkey.data, text, facets, createdAt, pictures: embed?.images ?? [] }] : []
}

function toEmbeddedImage({ picture, alt }: AttachedPicture) {
  const { cid, mimeType, size, width, height } = picture
  return {
    alt,
    image: { $type: 'blob', ref: { $link: cid }, mimeType, size },
    aspectRatio: { width, height },
  }
}
