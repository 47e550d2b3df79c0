/** What the application does with a session. It takes the session as an argument, so that a unit test can give one. */
import type { OAuthSession } from 'next-atproto-auth'

const collection = 'app.bsky.feed.post'

export async function createPost(session: OAuthSession, text: string): Promise<void> {
  const words = text.trim()
  if (words === '') throw new Error('Write something first.')
  const record = { $type: collection, text: words, createdAt: new Date().toISOString() }
  await session.post('com.atproto.repo.createRecord', { body: { repo: session.did, collection, record } })
}

interface Posts {
  readonly records: readonly { readonly uri: string; readonly value: { readonly text: string } }[]
}

export async function listPosts(session: OAuthSession): Promise<Posts['records']> {
  const params = { repo: session.did, collection }
  return (await session.get<Posts>('com.atproto.repo.listRecords', { params })).data.records
}
