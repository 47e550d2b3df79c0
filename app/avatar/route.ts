/**
 * GET /avatar: the signed-in person's picture, streamed from their PDS. Which blob it is comes from their own
 * profile record, never from the request, so this route cannot be used to fetch anything else.
 */
import { auth } from '../../auth.ts'
import { fetchAvatar } from '../_data/avatar.ts'

/** 200 with the image, 404 when there is none to show, 502 when the PDS did not answer. */
export async function GET(): Promise<Response> {
  const session = await auth.getSession()
  if (session === null) return nothing(404)
  const avatar = await fetchAvatar(session)
  if (!avatar.ok) return nothing(avatar.problem === 'unavailable' ? 502 : 404)
  return new Response(avatar.value.body, {
    headers: {
      'content-type': avatar.value.mimeType,
      // The bytes are a stranger's upload on our origin: never sniffed, never run, never embedded elsewhere.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=300',
      vary: 'Cookie',
    },
  })
}

function nothing(status: 404 | 502): Response {
  return new Response(null, { status, headers: { 'cache-control': 'private, no-store', vary: 'Cookie' } })
}
