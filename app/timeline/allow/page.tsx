import { redirect } from 'next/navigation'
import { appView, timelineScope } from '../../../app-view.ts'
import { auth } from '../../../auth.ts'

/** Asks for the permission to read the timeline unless it is granted, then leads to the timeline. */
export default async function AllowTimelinePage() {
  const service = appView()
  if (service !== undefined) {
    await auth.requireSession({ returnTo: '/timeline', scope: timelineScope(service) })
  }
  redirect('/timeline')
}
