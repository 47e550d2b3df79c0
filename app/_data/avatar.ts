/** The signed-in person's avatar, fetched from their PDS (`com.atproto.sync.getBlob`). */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { type AvatarRef, readProfileRecord } from './profile.ts'
import { type Answer, send } from './xrpc.ts'

export interface Avatar {
  readonly mimeType: string
  readonly body: ReadableStream<Uint8Array>
}

// A blob is whatever somebody uploaded. SVG is left out on purpose: it can hold scripts.
const imageTypes: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
])

/** Ends a picture that never ends, too. */
const deadlineMs = 20_000

/** Whether the profile names an avatar of a type that this app passes on. */
export function isShowable(avatar: AvatarRef | undefined): avatar is AvatarRef {
  return avatar !== undefined && imageTypes.has(avatar.mimeType)
}

/** The avatar's type and bytes; `not_found` when there is none or it is not an image of a known type. */
export async function fetchAvatar(session: OAuthSession): Promise<Answer<Avatar>> {
  const record = await readProfileRecord(session)
  if (!record.ok) return record
  if (!isShowable(record.value.avatar)) return { ok: false, problem: 'not_found' }

  const params = new URLSearchParams({ did: session.did, cid: record.value.avatar.cid })
  const blob = await send(session, `/xrpc/com.atproto.sync.getBlob?${params}`, { deadlineMs })
  if (!blob.ok) return blob
  const mimeType = blob.value.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!blob.value.ok || blob.value.body === null || !imageTypes.has(mimeType)) {
    await blob.value.body?.cancel()
    return { ok: false, problem: blob.value.status >= 500 ? 'unavailable' : 'not_found' }
  }
  return { ok: true, value: { mimeType, body: blob.value.body } }
}
