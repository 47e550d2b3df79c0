import { auth } from '../../auth'

/** A job for somebody who is not there: new tokens, and a record of the kind that the tutorial asks for. */
export async function POST(request: Request) {
  const session = await auth.restore(await request.text())
  await session.refresh()
  const record = { $type: 'com.example.record', createdAt: new Date().toISOString() }
  const { data } = await session.post('com.atproto.repo.createRecord', {
    body: { repo: session.did, collection: 'com.example.record', record },
  })
  return Response.json(data)
}
