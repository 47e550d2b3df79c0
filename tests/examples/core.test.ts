/** What the README of @atproto/oauth-client shows, on this library, before a real authorization server. */
import { Lexicons } from '@atproto/lexicon'
import { XrpcClient } from '@atproto/xrpc'
import {
  type InternalStateData,
  JoseKey,
  OAuthClient,
  type RuntimeImplementation,
  type Session,
  type SessionStore,
  type StateStore,
} from 'next-atproto-auth/oauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { approve } from '../support/person.ts'
import { refusalOf } from '../support/refusal.ts'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
afterAll(() => network.stop())

function createClient(locks: string[] = []) {
  const states = new Map<string, InternalStateData>()
  const sessions = new Map<string, Session>()
  const stateStore: StateStore = {
    set: (key, internalState) => states.set(key, internalState),
    get: (key) => states.get(key),
    del: (key) => states.delete(key),
  }
  const sessionStore: SessionStore = {
    set: (sub, session) => sessions.set(sub, session),
    get: (sub) => sessions.get(sub),
    del: (sub) => sessions.delete(sub),
  }
  const runtimeImplementation: RuntimeImplementation = {
    createKey: (algs) => JoseKey.generate(algs),
    getRandomValues: (length) => crypto.getRandomValues(new Uint8Array(length)),
    async digest(bytes, algorithm) {
      return new Uint8Array(await crypto.subtle.digest(`SHA-${algorithm.name.slice(3)}`, bytes))
    },
    requestLock: (name, fn) => {
      locks.push(name)
      return fn()
    },
  }
  const client = new OAuthClient({
    handleResolver: network.handleResolverUrl,
    plcDirectory: network.plcUrl,
    responseMode: 'query',
    // The loopback client: its metadata is in its id.
    clientMetadata: {
      client_id:
        'http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fcallback&scope=atproto+transition%3Ageneric',
    },
    runtimeImplementation,
    stateStore,
    sessionStore,
    allowHttp: true,
  })
  return { client, sessions }
}

it('signs in with state, prompt and languages, and calls through XrpcClient with and without a bound service', async () => {
  const { alice } = network.accounts
  const locks: string[] = []
  const { client, sessions } = createClient(locks)
  const url = await client.authorize(alice.handle, { state: '434321', prompt: 'consent', ui_locales: 'fr' })
  const params = (await approve(url, alice)).searchParams
  const result = await client.callback(params)
  expect(result.state).toBe('434321')

  const lexicons = new Lexicons([
    {
      lexicon: 1,
      id: 'com.atproto.server.getSession',
      defs: { main: { type: 'query', output: { encoding: 'application/json' } } },
    },
    { lexicon: 1, id: 'com.example.query', defs: { main: { type: 'query' } } },
  ])
  const oauthSession = await client.restore(alice.did)
  const xrpc = new XrpcClient(oauthSession, lexicons)
  expect((await xrpc.call('com.atproto.server.getSession')).data).toMatchObject({ did: alice.did })

  const boundClient = new XrpcClient((path, init) => {
    const headers = new Headers(init?.headers)
    if (!headers.has('atproto-proxy')) headers.set('atproto-proxy', 'did:plc:xyz#serviceId')
    return oauthSession.fetchHandler(path, { ...init, headers })
  }, lexicons)
  // The service does not exist, which only a PDS that was asked to pass the call on can know.
  await expect(boundClient.call('com.example.query')).rejects.toThrow(/resolve|proxy/i)

  await client.restore(alice.did, true)
  expect(locks).toEqual([`@atproto-oauth-client-${alice.did}`])
  await oauthSession.signOut()
  expect(sessions.size).toBe(0)
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})

it('forces a new sign-in with prompt=login', async () => {
  const { alice } = network.accounts
  const { client } = createClient()
  const cookies = new Map<string, string>()
  const first = await client.authorize(alice.handle)
  await client.callback((await approve(first, alice, undefined, cookies)).searchParams)
  const again = await client.authorize(alice.handle, { prompt: 'login' })
  const { session } = await client.callback((await approve(again, alice, undefined, cookies)).searchParams)
  expect(session.did).toBe(alice.did)
  await session.signOut()
})
