/** Pictures in the signed-in person's repository, fetched from their PDS (`com.atproto.sync.getBlob`). */
import 'server-only'
import type { OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { type Answer, send } from './xrpc.ts'

/** A blob as records name it. */
export interface BlobRef {
  readonly cid: string
  readonly mimeType: string
}

export interface Picture {
  readonly mimeType: string
  readonly body: ReadableStream<Uint8Array>
}

/** The part of a record that names a blob (https://atproto.com/specs/data-model#blob-type). */
export const blobSchema = z
  .object({ ref: z.object({ $link: z.string().min(1).max(200) }), mimeType: z.string().max(100) })
  .transform(({ ref, mimeType }): BlobRef => ({ cid: ref.$link, mimeType }))

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

/** Whether a blob is a picture of a type that this app passes on. */
export function isShowable(blob: BlobRef | undefined): blob is BlobRef {
  return blob !== undefined && imageTypes.has(blob.mimeType)
}

/** A picture's type and bytes; `not_found` when it is gone or not an image of a known type. */
export async function fetchPicture(
  session: OAuthSession,
  blob: BlobRef | undefined,
): Promise<Answer<Picture>> {
  if (!isShowable(blob)) return { ok: false, problem: 'not_found' }
  const params = new URLSearchParams({ did: session.did, cid: blob.cid })
  const answer = await send(session, `/xrpc/com.atproto.sync.getBlob?${params}`, { deadlineMs })
  if (!answer.ok) return answer
  const { ok, status, headers, body } = answer.value
  const mimeType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!ok || body === null || !imageTypes.has(mimeType)) {
    await body?.cancel()
    return { ok: false, problem: status >= 500 ? 'unavailable' : 'not_found' }
  }
  return { ok: true, value: { mimeType, body } }
}

/** The answer of a route that shows a picture: 200 with the image, 404 when there is none, 502 when the PDS is silent. */
export function pictureResponse(picture: Answer<Picture>): Response {
  if (!picture.ok) {
    const status = picture.problem === 'unavailable' ? 502 : 404
    return new Response(null, { status, headers: { 'cache-control': 'private, no-store', vary: 'Cookie' } })
  }
  return new Response(picture.value.body, {
    headers: {
      'content-type': picture.value.mimeType,
      // The bytes are a stranger's upload on our origin: never sniffed, never run, never embedded elsewhere.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=300',
      vary: 'Cookie',
    },
  })
}
