/**
 * GET /avatar, and /avatar?did=… for another account of this browser: its picture, streamed from its PDS. Which blob
 * it is comes from the account's own profile record, never from the request, so this route cannot be used to fetch
 * anything else.
 */
import { auth } from '../../auth.ts'
import { openAccount } from '../_data/accounts.ts'
import { fetchPicture, pictureResponse } from '../_data/blob.ts'
import { readProfileRecord } from '../_data/profile.ts'

/** As `pictureResponse`. */
export async function GET(request: Request): Promise<Response> {
  const active = await auth.getSession()
  const did = new URL(request.url).searchParams.get('did') ?? active?.did
  const session = did === undefined || did === active?.did ? active : await openAccount(did)
  if (session === null) return pictureResponse({ ok: false, problem: 'not_found' })
  const record = await readProfileRecord(session)
  return pictureResponse(record.ok ? await fetchPicture(session, record.value.avatar) : record)
}
