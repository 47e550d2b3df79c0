/** Who is signed in: the handle, verified both ways, and the profile record on their own PDS. */
import 'server-only'
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth'
import { cache } from 'react'
import { z } from 'zod'
import { blobSchema } from './blob.ts'
import { type Profile, rememberProfile } from './profile-memory.ts'
import { type Answer, query } from './xrpc.ts'

type ProfileRecord = Pick<Profile, 'displayName' | 'avatar'>

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
  const [handle, record] = await Promise.all([readHandle(session), readProfileRecord(session)])
  if (!record.ok) return record
  const profile = { handle, ...record.value }
  rememberProfile(session.did, profile)
  return { ok: true, value: profile }
})

/** Never the PDS's own word for it: one that somebody runs for themselves could claim any name. */
async function readHandle(session: OAuthSession): Promise<string | undefined> {
  try {
    return (await session.getHandle()) ?? undefined
  } catch (error) {
    // Whoever is asked for it is down: a page without a name is better than none.
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  }
}

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
