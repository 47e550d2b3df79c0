/**
 * GET /avatar: the signed-in person's picture, streamed from their PDS. Which blob it is comes from their own
 * profile record, never from the request, so this route cannot be used to fetch anything else.
 */
import { auth } from '../../auth.ts'
import { fetchPicture, pictureResponse } from '../_data/blob.ts'
import { readProfileRecord } from '../_data/profile.ts'

/** As `pictureResponse`. */
export async function GET(): Promise<Response> {
  const session = await auth.getSession()
  if (session === null) return pictureResponse({ ok: false, problem: 'not_found' })
  const record = await readProfileRecord(session)
  return pictureResponse(record.ok ? await fetchPicture(session, record.value.avatar) : record)
}
