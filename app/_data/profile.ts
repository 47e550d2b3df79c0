/** Who is signed in, as their own PDS tells it: handle (`com.atproto.repo.describeRepo`) and profile record. */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { cache } from 'react'
import { z } from 'zod'
import { blobSchema } from './blob.ts'
import { type Profile, rememberProfile } from './profile-memory.ts'
import { type Answer, query } from './xrpc.ts'

type ProfileRecord = Pick<Profile, 'displayName' | 'avatar'>

const repoSchema = z.object({ handle: z.string().min(1).max(253), handleIsCorrect: z.boolean() })

// Any program may have written the record: one odd field must not cost the others.
const recordSchema = z.object({
  value: z.object({
    displayName: z.string().trim().max(640).optional().catch(undefined),
    avatar: blobSchema.optional().catch(undefined),
  }),
})

/**
 * Handle, display name and avatar; a person without a profile record has just a handle. Asked once for header and
 * page together.
 */
export const readProfile = cache(async (session: OAuthSession): Promise<Answer<Profile>> => {
  const [repo, record] = await Promise.all([
    query(session, {
      nsid: 'com.atproto.repo.describeRepo',
      params: { repo: session.did },
      schema: repoSchema,
    }),
    readProfileRecord(session),
  ])
  // A PDS that cannot resolve the DID refuses to describe the repository: that is an unknown handle.
  if (!repo.ok && repo.problem !== 'refused') return repo
  if (!record.ok) return record
  const handle = repo.ok && repo.value.handleIsCorrect ? repo.value.handle : undefined
  const profile = { handle, ...record.value }
  rememberProfile(session.did, profile)
  return { ok: true, value: profile }
})

/** The `app.bsky.actor.profile` record, with both fields undefined when there is none. */
export async function readProfileRecord(session: OAuthSession): Promise<Answer<ProfileRecord>> {
  const answer = await query(session, {
    nsid: 'com.atproto.repo.getRecord',
    params: { repo: session.did, collection: 'app.bsky.actor.profile', rkey: 'self' },
    schema: recordSchema,
  })
  if (!answer.ok) {
    const isAbsent = answer.problem === 'not_found'
    return isAbsent ? { ok: true, value: { displayName: undefined, avatar: undefined } } : answer
  }
  const { displayName, avatar } = answer.value.value
  return { ok: true, value: { displayName: displayName || undefined, avatar } }
}
