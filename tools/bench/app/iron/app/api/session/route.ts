import { getVisitor } from '../../../session'

export async function GET(): Promise<Response> {
  const { did } = await getVisitor()
  return Response.json({ did })
}
