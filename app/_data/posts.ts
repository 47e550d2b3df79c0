/** The signed-in person's posts: `app.bsky.feed.post` records in the repository on their own PDS. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { type Answer, procedure, query } from './xrpc.ts'

export interface Post {
  /** The record key: the last part of the post's at:// URI. */
  readonly rkey: string
  /** Empty for a post that is only a picture or a quote. */
  readonly text: string
  /** Undefined when the record holds no date that can be read. */
  readonly createdAt: Date | undefined
}

const collection = 'app.bsky.feed.post'

/** What a record key may look like (https://atproto.com/specs/record-key). */
export const rkeySchema = z.string().regex(/^[A-Za-z0-9._~:-]{1,512}$/)

const listSchema = z.object({ records: z.array(z.unknown()) })
const postSchema = z.object({
  uri: z.string(),
  value: z.object({ text: z.string(), createdAt: z.coerce.date().optional().catch(undefined) }),
})
const createdSchema = z.object({ uri: z.string() })
const deletedSchema = z.object({})

/** The latest twenty posts, newest first. Records that are no posts are left out. */
export async function listPosts(session: OAuthSession): Promise<Answer<readonly Post[]>> {
  const answer = await query(session, {
    nsid: 'com.atproto.repo.listRecords',
    params: { repo: session.did, collection, limit: '20' },
    schema: listSchema,
  })
  if (!answer.ok) return answer
  return { ok: true, value: answer.value.records.flatMap(toPost) }
}

/** Writes a post; `createdAt` is what readers will see as its time. */
export async function createPost(
  session: OAuthSession,
  text: string,
  createdAt: Date,
): Promise<Answer<unknown>> {
  const record = { $type: collection, text, createdAt: createdAt.toISOString(), langs: ['en'] }
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
  const rkey = rkeySchema.safeParse(parsed.data.uri.split('/').at(-1))
  if (!rkey.success) return []
  return [{ rkey: rkey.data, text: parsed.data.value.text, createdAt: parsed.data.value.createdAt }]
}
