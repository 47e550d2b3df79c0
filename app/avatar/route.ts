/**
 * GET /avatar, or /avatar?did=… for another account of this browser: the account's avatar, streamed from its PDS. The
 * profile record says which blob it is. The request does not, so that this route cannot be used to fetch anything else.
 */
import { auth } from '../../auth.ts'
import { restoreAccount } from '../_data/accounts.ts'
import { fetchPicture, pictureResponse } from '../_data/blob.ts'
import { readProfileRecord } from '../_data/profile.ts'

/** The response is that of `pictureResponse`. */
export async function GET(request: Request): Promise<Response> {
  const active = await auth.getSession()
  const did = new URL(request.url).searchParams.get('did') ?? active?.did
  const session = did === undefined || did === active?.did ? active : await restoreAccount(did)
  if (session === null) return pictureResponse({ ok: false, problem: 'not_found' })
  const record = await readProfileRecord(session)
  return pictureResponse(record.ok ? await fetchPicture(session, record.value.avatar) : record)
}
