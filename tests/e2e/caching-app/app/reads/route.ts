import { reads } from '../../reads.ts'

export const dynamic = 'force-dynamic'

export function GET(): Response {
  return Response.json(reads.count)
}
