/** One client with accounts on both PDSes at once: each session calls its own home, as its own account. */
import type { OAuthClient, OAuthSession } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestClient, restoreSession, signIn } from '../support/client.ts'
import { countRefreshes, countRequests } from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

const names = ['alice', 'bob', 'carol'] as const
const PATH = '/xrpc/com.atproto.server.getSession'

let network: LocalNetwork
let client: OAuthClient
beforeAll(async () => {
  network = await startNetwork()
})
beforeEach(() => {
  client = createTestClient(network)
  for (const pds of network.pds) pds.requests.clear()
})
afterAll(() => network.stop())

/** Begins all sign-ins before it finishes the first, as several tabs do. */
async function signInAll(): Promise<readonly OAuthSession[]> {
  const begun = []
  for (const name of names) begun.push(await client.start(network.accounts[name].handle))
  const sessions = []
  for (const [index, { url }] of begun.entries()) {
    const callback = await approve(url, network.accounts[names[index] ?? 'alice'])
    sessions.push((await client.callback(callback.searchParams)).session)
  }
  return sessions
}
async function whoAmI(session: OAuthSession): Promise<string> {
  return (await session.get<{ did: string }>('com.atproto.server.getSession')).data.did
}

it('TK-8 calls the PDS of each account, as that account, also all at once', async () => {
  const sessions = await signInAll()
  const dids = names.map((name) => network.accounts[name].did)
  expect(sessions.map(({ pds }) => pds)).toEqual(names.map((name) => network.accounts[name].pdsUrl))
  expect(await Promise.all(sessions.map(whoAmI))).toEqual(dids)
  const calls = { path: PATH, status: 200 }
  expect(network.pds.map((pds) => countRequests(pds, calls))).toEqual([2, 1])

  const restored = await Promise.all(sessions.map((session) => restoreSession(client, session)))
  expect(await Promise.all([...restored, ...restored].map(whoAmI))).toEqual([...dids, ...dids])
})

it('DP-1 ends and renews one without touching the others', async () => {
  const [alice, bob, carol] = await signInAll()
  if (!alice || !bob || !carol) throw new Error('Three sessions were expected.')
  await alice.refresh()
  expect(network.pds.map(countRefreshes)).toEqual([1, 0])
  await carol.signOut()
  expect(await refusalOf(restoreSession(client, carol))).toMatchObject({ code: 'session_ended' })
  expect(await Promise.all([alice, bob].map(whoAmI))).toEqual([alice.did, bob.did])
})

it('ID-11 C12 one account in two browsers has two sessions, and the end of one is not that of the other', async () => {
  const { alice } = network.accounts
  const [first, second] = [await signIn(client, alice), await signIn(client, alice)]
  expect(first.id).not.toBe(second.id)
  expect(first.did).toBe(second.did)
  await first.signOut()
  await second.refresh()
  expect(await whoAmI(second)).toBe(alice.did)
})
