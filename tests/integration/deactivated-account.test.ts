/** An account that its owner has deactivated signs in: the server denies it, and the reason is not lost. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestClient } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

/** Deactivates the account as its owner does, with the password. */
async function deactivate({ handle, password, pdsUrl }: LocalNetwork['accounts']['carol']): Promise<void> {
  const post = (nsid: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${pdsUrl}/xrpc/${nsid}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const login = await post('com.atproto.server.createSession', { identifier: handle, password })
  const { accessJwt } = await login.json()
  const { status } = await post(
    'com.atproto.server.deactivateAccount',
    {},
    { authorization: `Bearer ${accessJwt}` },
  )
  expect(status).toBe(200)
}

it('tells of a deactivated account as a refusal, with the server’s reason for the log', async () => {
  const { carol } = network.accounts
  const client = createTestClient(network)
  await deactivate(carol)
  const { url } = await client.start(carol.did)
  const { searchParams } = await approve(url, carol)
  expect(Object.fromEntries(searchParams)).toMatchObject({ error: 'access_denied' })
  expect(await refusalOf(client.callback(searchParams))).toMatchObject({ code: 'access_denied' })
  console.log(String(searchParams))
})
