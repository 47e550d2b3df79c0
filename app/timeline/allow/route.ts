/** GET /timeline/allow: asks for the permission to read the timeline unless it is granted, then leads to the timeline. */

import { redirect } from 'next/navigation'
import { connection } from 'next/server'
import { appView, timelineScope } from '../../../app-view.ts'
import { requirePermission } from '../../_data/session.ts'

/** A redirect, in any case: a route sends it with its status, where a page has sent its shell before. */
export async function GET(): Promise<Response> {
  // The environment of the build may be another one than that of the server.
  await connection()
  const service = appView()
  if (service !== undefined) await requirePermission('/timeline', timelineScope(service))
  redirect('/timeline')
}
