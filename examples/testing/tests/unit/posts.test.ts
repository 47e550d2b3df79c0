import { createTestNetwork, signedInSession, testDid } from 'next-atproto-auth/testing'
import { expect, it } from 'vitest'
import { auth } from '../../auth'
import { createPost, listPosts } from '../../posts'
import { scope } from '../../scope'

const did = testDid('alice.test')
const collection = 'app.bsky.feed.post'

it('writes a post without the space around it', async () => {
  await using network = await createTestNetwork()
  const session = await signedInSession({ network, did, scope })
  await createPost(session, ' Hello ')
  const [record] = await network.records('alice.test', collection)
  expect(record?.value).toMatchObject({ text: 'Hello', createdAt: expect.any(String) })
  expect(await listPosts(session)).toMatchObject([{ value: { text: 'Hello' } }])
})

it('writes no empty post', async () => {
  await using network = await createTestNetwork()
  const session = await signedInSession({ network, did, scope })
  await expect(createPost(session, ' ')).rejects.toThrow('Write something first.')
  expect(await network.requests('com.atproto.repo.createRecord')).toEqual([])
})

it('names the scope that is missing', async () => {
  await using network = await createTestNetwork()
  const session = await signedInSession({ network, did, scope: 'atproto' })
  await expect(createPost(session, 'Hello')).rejects.toMatchObject({ code: 'scope_missing' })
})

it('has a session in a request only', async () => {
  await expect(auth.getSession()).rejects.toThrow(/outside a request scope/)
})
