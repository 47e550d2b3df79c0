/** A job of docs/connect.md that tries again, on a real PDS: one post, whatever becomes of an answer. */
import { XrpcError } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newPost, postOnce } from '../../examples/connect/jobs/post-once.ts'
import { createScopedClient, signIn } from '../support/client.ts'
import { countRequests } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { refusalOf } from '../support/refusal.ts'

const POST = 'app.bsky.feed.post'
const CREATE = '/xrpc/com.atproto.repo.createRecord'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** A session that may only create posts, and whose first answer to that is lost after the server has done it. */
async function withLostAnswer() {
  let isLost = false
  const client = createScopedClient(network, `atproto repo:${POST}?action=create`, {
    async fetch(input, init) {
      const response = await fetch(input, init)
      if (isLost || response.status !== 200 || !new Request(input, init).url.endsWith(CREATE)) return response
      isLost = true
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })
    },
  })
  return signIn(client, network.accounts.alice)
}

it('posts once when an answer was lost and the job tries again', async () => {
  const session = await withLostAnswer()
  const post = newPost('Once')
  expect(await refusalOf(postOnce(session, post))).toMatchObject({ code: 'network_error', retryable: true })
  await postOnce(session, post)
  await postOnce(session, post)
  const params = { repo: session.did, collection: POST }
  const { data } = await session.get<{ readonly records: readonly { readonly uri: string }[] }>(
    'com.atproto.repo.listRecords',
    { params },
  )
  expect(data.records.map(({ uri }) => uri)).toEqual([`at://${session.did}/${POST}/${post.rkey}`])
  expect(countRequests(network.pds[0], { path: CREATE, status: 200 })).toBe(1)
})

it('posts once when two tries run beside each other', async () => {
  const session = await signIn(
    createScopedClient(network, `atproto repo:${POST}?action=create`),
    network.accounts.bob,
  )
  const post = newPost('Together')
  const tries = await Promise.allSettled([postOnce(session, post), postOnce(session, post)])
  for (const attempt of tries)
    if (attempt.status === 'rejected') {
      expect(attempt.reason).toBeInstanceOf(XrpcError)
      expect(attempt.reason.retryable).toBe(true)
    }
  await postOnce(session, post)
  const { data } = await session.get<{ readonly records: readonly object[] }>(
    'com.atproto.repo.listRecords',
    {
      params: { repo: session.did, collection: POST },
    },
  )
  expect(data.records).toHaveLength(1)
})

it('makes keys that the specification of TIDs accepts, each another one', () => {
  const keys = Array.from({ length: 1_000 }, () => newPost('').rkey)
  for (const key of keys) expect(key).toMatch(/^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/)
  expect(new Set(keys).size).toBeGreaterThan(995)
})
