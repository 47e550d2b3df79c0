/** A job that something calls on a schedule: `POST /job` with CRON_SECRET, and a text that each account posts. */
import { TokenRevokedError } from 'next-atproto-auth'
import { atproto } from '../../atproto'
import { allConnections, type Connection, removeConnection } from '../../connections'

export async function POST(request: Request): Promise<Response> {
  const secret = process.env.CRON_SECRET
  if (!secret || request.headers.get('authorization') !== `Bearer ${secret}`) {
    return new Response('Not allowed', { status: 401 })
  }
  const text = await request.text()
  const results = await Promise.allSettled(allConnections().map((connection) => postFor(connection, text)))
  // What failed now may succeed at the next run.
  for (const result of results) if (result.status === 'rejected') console.error(String(result.reason))
  return Response.json({ posted: results.filter(({ status }) => status === 'fulfilled').length })
}

async function postFor(connection: Connection, text: string): Promise<void> {
  const { did } = connection
  try {
    const session = await atproto.restore(did, connection)
    const record = { $type: 'app.bsky.feed.post', text, createdAt: new Date().toISOString() }
    const body = { repo: did, collection: 'app.bsky.feed.post', record }
    await session.post('com.atproto.repo.createRecord', { body })
  } catch (error) {
    // Revoked by the person, or unused for 30 days: the account has to be connected again.
    if (error instanceof TokenRevokedError) removeConnection(connection)
    throw error
  }
}
