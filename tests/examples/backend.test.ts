/** The official Node client's documented backend, on this library, before a real authorization server. */
import { inspect } from 'node:util'
import { exportPKCS8, generateKeyPair } from 'jose'
import { generatePrivateJwk, OAuthClient, requestLocalLock, TokenRevokedError } from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createBackend, type Database } from '../support/examples/backend.ts'
import { closeServer, listenOnLoopback, portOf } from '../support/network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve, type Cookies, passThrough, signUp } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

const database: Database = { states: new Map(), sessions: new Map() }
const logged: unknown[][] = []
let network: LocalNetwork
let address: string
let backend: Awaited<ReturnType<typeof createBackend>>

beforeAll(async () => {
  // The app's port has to be known before the network, and the network's https front before the app.
  const placeholder = await listenOnLoopback(0)
  address = `http://127.0.0.1:${portOf(placeholder)}`
  network = await startNetwork({ app: { host: 'my-app.demo.internal', target: address } })
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  backend = await createBackend({
    origin: network.front?.origin ?? '',
    env: {
      PRIVATE_KEY_1: await exportPKCS8(privateKey),
      PRIVATE_KEY_2: JSON.stringify(await generatePrivateJwk()),
    },
    database,
    requestLock: requestLocalLock,
    localNetwork: network.localNetwork,
    log: (...values) => logged.push(values),
  })
  await closeServer(placeholder)
  await listenOnLoopback(Number(new URL(address).port), backend.app.server)
})
afterAll(async () => {
  await network.stop()
  await closeServer(backend.app.server)
})

/** What the app answers to a person's browser, which has its name resolved to the app itself. */
async function visit(pathOrUrl: string | URL): Promise<Response> {
  const { pathname, search } = new URL(pathOrUrl, address)
  return fetch(address + pathname + search, { redirect: 'manual' })
}

const locationOf = (response: Response) => new URL(response.headers.get('location') ?? '')

it('signs in silently where it can, else with the pages; restores; tells of its sessions; revokes', async () => {
  const { alice } = network.accounts
  const browser: Cookies = new Map()

  // Nobody is signed in at the server yet: prompt=none comes back with login_required, and the app asks properly.
  const silent = locationOf(await visit(`/login?handle=${alice.handle}`))
  const refused = await passThrough(silent, browser)
  expect(refused.searchParams.get('error')).toBe('login_required')
  const asked = locationOf(await visit(refused))
  const approved = await visit(await approve(asked, alice, undefined, browser))
  expect(await approved.json()).toEqual({ ok: true, handle: alice.handle })
  expect(logged).toContainEqual(['User authenticated as:', alice.did])

  // The second time the server knows person and consent: no page at all.
  const again = locationOf(await visit(`/login?handle=${alice.handle}`))
  const answered = await passThrough(again, browser)
  expect(answered.searchParams.get('error')).toBeNull()
  expect(await (await visit(answered)).json()).toEqual({ ok: true, handle: alice.handle })

  expect((await backend.worker(alice.did)).data.did).toBe(alice.did)
  const session = await backend.client.restore(alice.did, true)
  expect(await session.getTokenInfo()).toMatchObject({
    sub: alice.did,
    iss: network.pds[0].url,
    aud: network.pds[0].url,
    expired: false,
    scope: expect.stringContaining('transition:generic'),
  })

  const { access_token } = JSON.parse(database.sessions.get(alice.did) ?? '').tokenSet
  expect(inspect(logged, { depth: 9 })).not.toContain(access_token)
  expect(logged.filter(([text]) => String(text).startsWith('Refreshed tokens'))).toHaveLength(3)

  await backend.client.revoke(alice.did)
  expect(logged).toContainEqual(['Session was revoked:', alice.did])
  expect([database.sessions.size, database.states.size]).toEqual([0, 0])
  expect(await refusalOf(backend.worker(alice.did))).toBeInstanceOf(TokenRevokedError)
  expect(backend.app.errors).toEqual([])
})

it('keeps several accounts, on both servers, by their DIDs', async () => {
  for (const account of [network.accounts.alice, network.accounts.carol]) {
    const url = await backend.client.authorize(account.handle)
    expect((await visit(await approve(url, account))).status).toBe(200)
  }
  expect([...database.sessions.keys()].toSorted()).toEqual(
    [network.accounts.alice.did, network.accounts.carol.did].toSorted(),
  )
  for (const { did } of [network.accounts.alice, network.accounts.carol]) {
    expect((await backend.worker(did)).data.did).toBe(did)
    await backend.client.revoke(did)
  }
})

it('fetches the metadata of its own client id', async () => {
  const { client_id } = backend.client.clientMetadata
  const fetched = await OAuthClient.fetchMetadata({
    clientId: client_id,
    // As the app's name would be resolved: a copy, because the answer itself says where it came from.
    async fetch(input) {
      const { body, status, headers } = await visit(new Request(input).url)
      return new Response(body, { status, headers })
    },
    localNetwork: network.localNetwork,
  })
  expect(fetched).toEqual(backend.client.clientMetadata)
})

it('signs up at the address of a server with prompt=create, and takes whoever comes back', async () => {
  const url = await backend.client.authorize(network.pds[0].url, { prompt: 'create' })
  const dave = { handle: 'dave.test', password: 'dave-password', email: 'dave@mail.test' }
  const { session } = await backend.client.callback((await signUp(url, dave)).searchParams)
  expect(session.did).toMatch(/^did:plc:/)
  expect(await session.get('com.atproto.server.getSession')).toMatchObject({ data: { handle: 'dave.test' } })
  await session.signOut()
})
