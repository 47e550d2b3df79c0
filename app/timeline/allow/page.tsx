import { redirect } from 'next/navigation'
import { appView, timelineScope } from '../../../app-view.ts'
import { auth } from '../../../auth.ts'

/** On the way to the timeline: who has not allowed it yet is asked by their server first. */
export default async function AllowTimelinePage() {
  const service = appView()
  if (service !== undefined) {
    await auth.requireSession({ returnTo: '/timeline', scope: timelineScope(service) })
  }
  redirect('/timeline')
}
