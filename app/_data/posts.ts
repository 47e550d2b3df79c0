/** The signed-in person's posts: `app.bsky.feed.post` records in the repository on their own PDS. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import type { AttachedPicture } from '../compose/picture.ts'
import { type BlobRef, blobSchema } from './blob.ts'
import { type Answer, procedure, query } from './xrpc.ts'

export interface PostPicture {
  /** Empty when nobody described the picture. */
  readonly alt: string
  readonly blob: BlobRef
  /** In pixels or any other unit: only their ratio counts. */
  readonly size: { readonly width: number; readonly height: number } | undefined
}

export interface Post {
  /** The record key: the last part of the post's at:// URI. */
  readonly rkey: string
  /** Empty for a post that is only a picture or a quote. */
  readonly text: string
  readonly pictures: readonly PostPicture[]
  /** Undefined when the record holds no date that can be read. */
  readonly createdAt: Date | undefined
}

/** What is to be posted. */
export interface NewPost {
  readonly text: string
  readonly pictures: readonly AttachedPicture[]
  /** What readers will see as its time. */
  readonly createdAt: Date
}

const collection = 'app.bsky.feed.post'
/** Of a page, whatever a PDS sends. */
const maxPosts = 20

/** What a record key may look like (https://atproto.com/specs/record-key). */
export const rkeySchema = z.string().regex(/^[A-Za-z0-9._~:-]{1,512}$/)

const sideSchema = z.number().int().positive().max(100_000)
const pictureSchema = z
  .object({
    alt: z.string().catch(''),
    image: blobSchema,
    aspectRatio: z.object({ width: sideSchema, height: sideSchema }).optional().catch(undefined),
  })
  .transform(({ alt, image, aspectRatio }): PostPicture => ({ alt, blob: image, size: aspectRatio }))
// Any program may have written the record: an embed of another kind, or an odd one, must not cost the words.
const embedSchema = z.object({
  $type: z.literal('app.bsky.embed.images'),
  images: z.array(pictureSchema).max(4),
})
const postSchema = z.object({
  uri: z.string(),
  value: z.object({
    text: z.string(),
    createdAt: z.coerce.date().optional().catch(undefined),
    embed: embedSchema.optional().catch(undefined),
  }),
})
const listSchema = z.object({ records: z.array(z.unknown()) })
const createdSchema = z.object({ uri: z.string() })
const deletedSchema = z.object({})

/** The latest twenty posts, newest first. Records that are no posts are left out. */
export async function listPosts(session: OAuthSession): Promise<Answer<readonly Post[]>> {
  const answer = await query(session, {
    nsid: 'com.atproto.repo.listRecords',
    params: { repo: session.did, collection, limit: String(maxPosts) },
    schema: listSchema,
  })
  if (!answer.ok) return answer
  return { ok: true, value: answer.value.records.slice(0, maxPosts).flatMap(toPost) }
}

/** One post; `not_found` when there is none of that key. */
export async function readPost(session: OAuthSession, rkey: string): Promise<Answer<Post>> {
  const answer = await query(session, {
    nsid: 'com.atproto.repo.getRecord',
    params: { repo: session.did, collection, rkey },
    schema: z.unknown(),
  })
  if (!answer.ok) return answer
  const [post] = toPost(answer.value)
  return post ? { ok: true, value: post } : { ok: false, problem: 'not_found' }
}

/** Writes a post. Its pictures have been uploaded before, by the same account. */
export async function createPost(session: OAuthSession, post: NewPost): Promise<Answer<unknown>> {
  const { text, pictures, createdAt } = post
  const embed = pictures.length > 0 && {
    embed: { $type: 'app.bsky.embed.images', images: pictures.map(toEmbeddedImage) },
  }
  const record = { $type: collection, text, createdAt: createdAt.toISOString(), langs: ['en'], ...embed }
  return procedure(session, {
    nsid: 'com.atproto.repo.createRecord',
    body: { repo: session.did, collection, record },
    schema: createdSchema,
  })
}

/** Removes a post. Succeeds as well when it is gone already. */
export async function deletePost(session: OAuthSession, rkey: string): Promise<Answer<unknown>> {
  return procedure(session, {
    nsid: 'com.atproto.repo.deleteRecord',
    body: { repo: session.did, collection, rkey },
    schema: deletedSchema,
  })
}

function toPost(record: unknown): Post[] {
  const parsed = postSchema.safeParse(record)
  if (!parsed.success) return []
  const { text, createdAt, embed } = parsed.data.value
  const rkey = rkeySchema.safeParse(parsed.data.uri.split('/').at(-1))
  return rkey.success ? [{ rkey: rkey.data, text, createdAt, pictures: embed?.images ?? [] }] : []
}

function toEmbeddedImage({ picture, alt }: AttachedPicture) {
  const { cid, mimeType, size, width, height } = picture
  return {
    alt,
    image: { $type: 'blob', ref: { $link: cid }, mimeType, size },
    aspectRatio: { width, height },
  }
}
