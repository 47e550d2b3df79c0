/** The callback: what is refused before a code leaves. */
import { expect, it } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  approveSignIn,
  createScriptedClient,
  startApproved,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const fails = async (operation: Promise<unknown>, code: string) =>
  expect(await refusalOf(operation)).toMatchObject({ name: 'OAuthCallbackError', code })

it('CB-1 refuses a callback with an unknown state, without a token request', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  params.set('state', 'x'.repeat(43))
  await fails(client.callback(params), 'state_unknown')
  expect(network.sent(TOKEN)).toEqual([])
})

it('CB-1 refuses a replayed callback, without a second token request', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  await client.callback(params)
  await fails(client.callback(params), 'state_unknown')
  expect(network.sent(TOKEN)).toHaveLength(1)
})

it('CB-1 O2 makes one token request and one session of 20 parallel callbacks', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => client.callback(params)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(network.sent(TOKEN)).toHaveLength(1)
})

it('CB-8 O12 refuses a callback after thirty minutes, without a token request', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  network.advance(30 * 60_000 - 1)
  const other = await approveSignIn(network, client)
  network.advance(1)
  await fails(client.callback(params), 'state_unknown')
  network.advance(30 * 60_000 - 2)
  await client.callback(other)
  expect(tokenRequests(network, 'authorization_code')).toHaveLength(1)
})

it('CB-8 O12 refuses a callback after thirty minutes although the store forgot to remove the row', async () => {
  await using network = await startScriptedNetwork()
  const memory = createMemoryStore({ now: network.now })
  const store: Store = { ...memory, set: (key, value) => memory.set(key, value, Number.MAX_SAFE_INTEGER) }
  const client = createScriptedClient(network, { store })
  const params = await approveSignIn(network, client)
  network.advance(30 * 60_000)
  await fails(client.callback(params), 'state_unknown')
})

it.each([
  ['another server’s', () => 'https://as.example.com'],
  ['the issuer with a trailing slash', (issuer: string) => `${issuer}/`],
  ['the issuer in upper case', (issuer: string) => issuer.toUpperCase()],
])('CB-3 refuses a callback whose iss is %s, without a token request', async (_, spell) => {
  const { network, client, params } = await startApproved()
  await using _network = network
  params.set('iss', spell(network.home.as.origin))
  const before = network.requests.length
  await fails(client.callback(params), 'issuer_mismatch')
  expect(network.requests).toHaveLength(before)
})

it('CB-3 O3 refuses a mix-up: the honest server’s code under the iss of another', async () => {
  const { network, client, params } = await startApproved()
  await using _ = network
  const evil = await network.addHome()
  params.set('iss', evil.as.origin)
  await fails(client.callback(params), 'issuer_mismatch')
  expect(network.sent(TOKEN)).toEqual([])
})

it('CB-3 O3 CB-4 takes the words of an attacker, in an error under another iss, for none of the visitor’s server', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { url } = await client.start(alice.handle)
  const { searchParams } = network.home.as.fail(url, 'access_denied')
  searchParams.set('iss', 'https://evil.dev')
  searchParams.set('error_description', 'Your account is locked. Call us.')
  const refusal = await refusalOf(client.callback(searchParams))
  expect(refusal).toMatchObject({
    code: 'issuer_mismatch',
    issuer: network.home.as.origin,
    error: undefined,
    errorDescription: undefined,
  })
})

it.each([
  ['CB-3 O3 without iss', (params: URLSearchParams) => params.delete('iss')],
  ['CB-1 without state', (params: URLSearchParams) => params.delete('state')],
  ['CB-5 O4 without code', (params: URLSearchParams) => params.delete('code')],
  ['CB-5 with two codes', (params: URLSearchParams) => params.append('code', 'other')],
  [
    'CB-5 with the same code twice',
    (params: URLSearchParams) => params.append('code', `${params.get('code')}`),
  ],
  ['CB-5 with two states', (params: URLSearchParams) => params.append('state', 'other')],
  ['CB-5 O3 with two iss', (params: URLSearchParams) => params.append('iss', 'https://as.example.com')],
  ['CB-5 with an empty code', (params: URLSearchParams) => params.set('code', '')],
  ['CB-5 O4 with a JARM response', (params: URLSearchParams) => params.set('response', 'a.b.c')],
  ['O4 CB-5 with a code and an error', (params: URLSearchParams) => params.set('error', 'access_denied')],
  ['O4 CB-5 with a code of 100 kB', (params: URLSearchParams) => params.set('code', 'x'.repeat(100_000))],
  [
    'O3 CB-5 with two error_descriptions',
    (params: URLSearchParams) => {
      params.append('error_description', 'a')
      params.append('error_description', 'b')
    },
  ],
])('%s: refuses the callback, and the state is not used up', async (_, spoil) => {
  const { network, client, params } = await startApproved()
  await using _network = network
  const spoiled = new URLSearchParams(params)
  spoil(spoiled)
  await fails(client.callback(spoiled), 'invalid_callback')
  expect(network.sent(TOKEN)).toEqual([])
  await client.callback(params)
})

it.each([
  ['access_denied', 'access_denied'],
  ['server_error', 'authorization_failed'],
  ['<script>alert(1)</script>', 'authorization_failed'],
])(
  'CB-4 ends a sign-in that came back with error=%s, and keeps the server’s text out of the message',
  async (error, code) => {
    await using network = await startScriptedNetwork()
    const client = createScriptedClient(network)
    const { url } = await client.start(alice.handle, { state: '/compose' })
    const { searchParams } = network.home.as.fail(url, error)
    searchParams.set('error_description', '<script>alert(2)</script>\n')
    const refusal = await refusalOf(client.callback(searchParams))
    expect(refusal).toMatchObject({ code, state: '/compose' })
    expect(refusal).toMatchObject({ error, errorDescription: '<script>alert(2)</script>' })
    expect(refusal.message).not.toContain('<script>')
    await fails(client.callback(searchParams), 'state_unknown')
    expect(network.sent(TOKEN)).toEqual([])
  },
)

it('CB-4 says whose sign-in it was that failed, and at which server', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { as, pds } = network.home
  const named = as.fail((await client.start(alice.handle)).url, 'access_denied').searchParams
  const cause = { issuer: as.origin }
  expect(await refusalOf(client.callback(named))).toMatchObject({ issuer: as.origin, did: alice.did, cause })
  // Nobody knows yet who it was where only a server was named.
  const unnamed = as.fail((await client.start(pds.origin)).url, 'access_denied').searchParams
  expect(await refusalOf(client.callback(unnamed))).toMatchObject({ issuer: as.origin, did: undefined })
})

it('CB-4 refuses an error from another issuer as a mix-up', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { searchParams } = network.home.as.fail((await client.start(alice.handle)).url, 'access_denied')
  searchParams.set('iss', 'https://as.example.com')
  await fails(client.callback(searchParams), 'issuer_mismatch')
})
