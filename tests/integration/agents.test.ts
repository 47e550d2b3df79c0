/** A session as the agent of the clients that people use: @atproto/api, @atproto/lex and @atcute/client. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client as AtcuteClient, ok } from '@atcute/client'
import { Agent } from '@atproto/api'
import { Client as LexClient } from '@atproto/lex'
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createScopedClient, signIn } from '../support/client.ts'
import { rotateNonces, setTokenLifetime } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

const POST = 'app.bsky.feed.post'
const png = { $type: 'blob', mimeType: 'image/png', size: 3 }
const bytes = new Uint8Array([1, 2, 3])

let network: LocalNetwork
let session: OAuthSession
beforeAll(async () => {
  network = await startNetwork()
  session = await signIn(createScopedClient(network, `atproto repo:${POST} blob:*/*`), network.accounts.alice)
})
afterAll(() => network.stop())

const postOf = (text: string) => ({ $type: POST, text, createdAt: new Date().toISOString() }) as const

it('new Agent(session) of @atproto/api reads, writes and uploads, also through withProxy', async () => {
  const agent = new Agent(session)
  expect(agent.assertDid).toBe(session.did)
  const repo = agent.assertDid
  await agent.com.atproto.repo.createRecord({ repo, collection: POST, record: postOf('by @atproto/api') })
  const uploaded = await agent.uploadBlob(new Blob([bytes], { type: 'image/png' }), { encoding: 'image/png' })
  expect(uploaded.data.blob.size).toBe(3)
  const { data } = await agent.com.atproto.repo.listRecords({ repo, collection: POST })
  expect(data.records.map(({ value }) => value.text)).toContain('by @atproto/api')
  await expect(
    new Agent(session.withProxy('did:web:nobody.invalid#svc')).getTimeline(),
  ).rejects.toMatchObject({ status: expect.any(Number) })
})

it('new Client(session) of @atproto/lex reads, writes and uploads', async () => {
  const client = new LexClient(session)
  expect(client.did).toBe(session.did)
  rotateNonces(network.pds[0])
  await client.createRecord(postOf('by @atproto/lex'))
  const uploaded = await client.uploadBlob(bytes, { encoding: 'image/png' })
  expect(uploaded.body.blob).toMatchObject({ mimeType: png.mimeType, size: png.size })
  const { body } = await client.listRecords(POST)
  expect(JSON.stringify(body.records)).toContain('by @atproto/lex')
})

it('new Client({ handler: session }) of @atcute/client reads, writes and uploads', async () => {
  interface Queries {
    'com.atproto.repo.listRecords': unknown
  }
  interface Procedures {
    'com.atproto.repo.createRecord': unknown
    'com.atproto.repo.uploadBlob': unknown
  }
  const client = new AtcuteClient<Queries, Procedures>({ handler: session })
  const input = { repo: session.did, collection: POST, record: postOf('by @atcute/client') }
  expect(await ok(client.post('com.atproto.repo.createRecord', { as: 'json', input }))).toHaveProperty('uri')
  const uploaded = await ok(
    client.post('com.atproto.repo.uploadBlob', {
      as: 'json',
      input: new Blob([bytes], { type: 'image/png' }),
    }),
  )
  expect(uploaded).toMatchObject({ blob: png })
  const params = { repo: session.did, collection: POST }
  const listed = await ok(client.get('com.atproto.repo.listRecords', { as: 'json', params }))
  expect(JSON.stringify(listed)).toContain('by @atcute/client')
})

it('RF-8 they go on when the token has ended and the nonce has changed', async () => {
  // The PDS counts in whole seconds.
  setTokenLifetime(network.pds[0], 3_000)
  await session.refresh()
  await sleep(3_100)
  rotateNonces(network.pds[0])
  const { data } = await new Agent(session).com.atproto.server.getSession()
  expect(data.did).toBe(session.did)
  await sleep(3_100)
  expect((await new LexClient(session).createRecord(postOf('again'))).success).toBe(true)
})
