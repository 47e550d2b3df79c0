import { draftMode } from 'next/headers'
import { after } from 'next/server'
import { auth } from '../../../auth'

export async function GET() {
  const session = await auth.requireSession({ returnTo: '/corners' })
  const draft = await draftMode()
  draft.enable()
  after(async () => {
    const later = await auth.getSession()
    console.log(`After the route: ${later?.did ?? 'nobody'}`)
  })
  return Response.json({ did: session.did })
}
