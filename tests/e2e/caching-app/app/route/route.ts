import { auth } from '../../auth.ts'

export const dynamic = 'force-static'

export async function GET(): Promise<Response> {
  return Response.json({ here: (await auth.getSession())?.did ?? 'nobody' })
}
