import { auth } from '../../../auth'

export async function GET(): Promise<Response> {
  const session = await auth.getSession()
  const account = await session?.get<{ readonly did: string }>('com.atproto.server.getSession')
  return Response.json({ did: account?.data.did })
}
