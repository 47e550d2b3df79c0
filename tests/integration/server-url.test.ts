/** Sign-in by the address of a real PDS: the person says on its pages who they are. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestClient } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

it.each(['alice', 'bob'] as const)('ID-12 TK-5 signs %s in by the address of their PDS', async (name) => {
  const account = network.accounts[name]
  const client = createTestClient(network)
  const { url } = await client.start(`${account.pdsUrl}/`)
  const { session } = await client.callback((await approve(url, account)).searchParams)
  expect(session).toMatchObject({ did: account.did, pds: account.pdsUrl })
  const response = await session.fetchHandler('/xrpc/com.atproto.server.getSession')
  expect(response.status).toBe(200)
})
