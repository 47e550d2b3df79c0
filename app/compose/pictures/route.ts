/** GET /compose/pictures: asks for the permission to upload pictures unless it is granted, then leads to the form. */
import { redirect } from 'next/navigation'
import { pictureScope } from '../../../auth.ts'
import { requirePermission } from '../../_data/session.ts'

/** A redirect, in any case: a route sends it with its status, where a page has sent its shell before. */
export async function GET(): Promise<Response> {
  await requirePermission('/compose', pictureScope)
  redirect('/compose')
}
