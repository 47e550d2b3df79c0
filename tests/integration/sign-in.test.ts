/** The walk against real PDSes: from a handle to a session that posts, and to its end. */
import { Agent } from '@atproto/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestClient, signIn } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve, deny } from '../support/person.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

describe('sign-in', () => {
  it.each(['alice', 'bob'] as const)('signs %s in on their own PDS, by handle', async (name) => {
    const account = network.accounts[name]
    const session = await signIn(createTestClient(network), account)
    expect(session).toMatchObject({ did: account.did, pds: account.pdsUrl })
  })

  it('signs in by DID', async () => {
    const { alice } = network.accounts
    const client = createTestClient(network)
    const { url } = await client.start(alice.did, { state: '/compose' })
    const result = await client.callback((await approve(url, alice)).searchParams)
    expect(result.session.did).toBe(alice.did)
    expect(result.state).toBe('/compose')
  })

  it('CB-4 refuses a sign-in that the person denies', async () => {
    const client = createTestClient(network)
    const { url } = await client.start(network.accounts.alice.handle)
    const callback = await deny(url)
    await expect(client.callback(callback.searchParams)).rejects.toMatchObject({ code: 'access_denied' })
  })

  it('writes and reads posts as raw XRPC and through the Agent of @atproto/api', async () => {
    const { alice } = network.accounts
    const session = await signIn(createTestClient(network), alice)
    const record = { $type: 'app.bsky.feed.post', text: 'raw', createdAt: new Date().toISOString() }
    const response = await session.fetchHandler('/xrpc/com.atproto.repo.createRecord', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ repo: alice.did, collection: 'app.bsky.feed.post', record }),
    })
    expect(response.status).toBe(200)

    const agent = new Agent(session)
    await agent.com.atproto.repo.createRecord({
      repo: agent.assertDid,
      collection: 'app.bsky.feed.post',
      record: { ...record, text: 'by the agent' },
    })
    const { data } = await agent.com.atproto.repo.listRecords({
      repo: alice.did,
      collection: 'app.bsky.feed.post',
    })
    expect(data.records.map((entry) => entry.value.text)).toEqual(['by the agent', 'raw'])
  })
})
