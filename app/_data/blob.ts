/** Pictures in the signed-in person's repository, streamed from their PDS (`com.atproto.sync.getBlob`). */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { type Answer, problemOf } from './answer.ts'

/** A blob, as a record refers to it. */
export interface BlobRef {
  readonly cid: string
  readonly mimeType: string
}

export interface Picture {
  readonly mimeType: string
  readonly body: ReadableStream<Uint8Array>
}

/** The part of a record that refers to a blob (https://atproto.com/specs/data-model#blob-type). */
export const blobSchema = z
  .object({ ref: z.object({ $link: z.string().min(1).max(200) }), mimeType: z.string().max(100) })
  .transform(({ ref, mimeType }): BlobRef => ({ cid: ref.$link, mimeType }))

// A blob can be any file. SVG is not on the list, because it can contain scripts.
const imageTypes: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
])

/** For the whole picture, so that a stream without an end is cut off. */
const timeoutMs = 20_000

/** Whether a blob is a picture of a type that this app shows. */
export function isShowable(blob: BlobRef | undefined): blob is BlobRef {
  return blob !== undefined && imageTypes.has(blob.mimeType)
}

/** The type and bytes of a picture; `not_found` when it is gone, or no image of a type that this app shows. */
export async function fetchPicture(
  session: OAuthSession,
  blob: BlobRef | undefined,
): Promise<Answer<Picture>> {
  if (!isShowable(blob)) return { ok: false, problem: 'not_found' }
  const params = new URLSearchParams({ did: session.did, cid: blob.cid })
  const response = await requestBlob(session, params)
  if (!response.ok) return response
  const { ok, status, headers, body } = response.value
  const mimeType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!ok || body === null || !imageTypes.has(mimeType)) {
    await body?.cancel()
    return { ok: false, problem: status >= 500 ? 'unavailable' : 'not_found' }
  }
  return { ok: true, value: { mimeType, body } }
}

/** The raw response: unlike `session.get`, `session.fetchHandler` does not read the body, so that it can be streamed. */
async function requestBlob(session: OAuthSession, params: URLSearchParams): Promise<Answer<Response>> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const value = await session.fetchHandler(`/xrpc/com.atproto.sync.getBlob?${params}`, { signal })
    return { ok: true, value }
  } catch (error) {
    // `fetchHandler` throws the reason of the signal that ended it.
    return { ok: false, problem: error === signal.reason ? 'unavailable' : problemOf(error) }
  }
}

/** The response of a route that shows a picture: 200 with the image, 404 if there is none, 502 if the PDS does not answer. */
export function pictureResponse(picture: Answer<Picture>): Response {
  if (!picture.ok) {
    const status = picture.problem === 'unavailable' ? 502 : 404
    return new Response(null, { status, headers: { 'cache-control': 'private, no-store', vary: 'Cookie' } })
  }
  return new Response(picture.value.body, {
    headers: {
      'content-type': picture.value.mimeType,
      // The bytes are an untrusted upload on our origin: browsers must not sniff, run or embed them.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=300',
      vary: 'Cookie',
    },
  })
}
