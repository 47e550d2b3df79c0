/** The signed-in person's profile: the verified handle, and the profile record on their PDS. */
import 'server-only'
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth'
import { cache } from 'react'
import { z } from 'zod'
import { type Answer, answerOf, readLimits } from './answer.ts'
import { blobSchema } from './blob.ts'
import { cacheProfile, findCachedProfile, type Profile } from './profile-cache.ts'

type ProfileRecord = Pick<Profile, 'displayName' | 'avatar'>

// Any program may have written the record: a malformed field is ignored, and the others are kept.
const recordSchema = z.object({
  value: z.object({
    displayName: z.string().trim().max(640).optional().catch(undefined),
    avatar: blobSchema.optional().catch(undefined),
  }),
})

/**
 * Handle, display name and avatar; only a handle for a person without a profile record. Header and page of one request
 * share the answer.
 */
export const readProfile = cache(async (session: OAuthSession): Promise<Answer<Profile>> => {
  const [handle, record] = await Promise.all([readHandle(session), readProfileRecord(session)])
  if (!record.ok) return record
  const profile = { handle, ...record.value }
  cacheProfile(session.did, profile)
  return { ok: true, value: profile }
})

/** Resolved and verified, not asked of the PDS: a PDS could claim any handle. */
async function readHandle(session: OAuthSession): Promise<string | undefined> {
  try {
    return (await session.getHandle()) ?? undefined
  } catch (error) {
    // It could not be looked up now, which does not mean that it is gone: the last one is shown.
    if (error instanceof AtprotoAuthError) return findCachedProfile(session.did, Infinity)?.handle
    throw error
  }
}

/** The fields of the `app.bsky.actor.profile` record; both are undefined when there is no record. */
export async function readProfileRecord(session: OAuthSession): Promise<Answer<ProfileRecord>> {
  const params = { repo: session.did, collection: 'app.bsky.actor.profile', rkey: 'self' }
  const answer = await answerOf(
    session.get('com.atproto.repo.getRecord', { ...readLimits, params, schema: recordSchema }),
  )
  if (!answer.ok) {
    const isAbsent = answer.problem === 'not_found'
    return isAbsent ? { ok: true, value: { displayName: undefined, avatar: undefined } } : answer
  }
  const { displayName, avatar } = answer.value.value
  return { ok: true, value: { displayName: displayName || undefined, avatar } }
}
