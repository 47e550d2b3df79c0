import { auth } from '../../../auth'

export async function GET(): Promise<Response> {
  const session = await auth.getSession()
  return Response.json({ did: session?.did })
}
