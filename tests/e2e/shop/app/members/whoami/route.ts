import { auth } from '../../../auth.ts'

export async function GET(): Promise<Response> {
  const session = await auth.requireSession({ returnTo: '/members/whoami' })
  return Response.json({ did: session.did })
}
