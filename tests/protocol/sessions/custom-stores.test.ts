/** A client on stores of the application's own, as the official client takes them: `get`, `set` and `del`. */
import { setTimeout as pause } from 'node:timers/promises'
import {
  type CommonOptions,
  createKeyset,
  type GivenStoreOptions,
  generatePrivateJwk,
  type InternalStateData,
  OAuthClient,
  type OAuthSession,
  type RuntimeLock,
  requestLocalLock,
  type Session,
  type SimpleStore,
} from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createClientMemory } from '../../../lib/oauth/client-memory.ts'
import { fromSession } from '../../../lib/oauth/records/custom-store-format.ts'
import { createJsonStore } from '../../support/json-store.ts'
import { call, createScriptedClient, signIn, tokenRequests } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { createGate, holdAnswer, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

function createStores() {
  const [states, sessions] = [createJsonStore<InternalStateData>(), createJsonStore<Session>()]
  return { states, sessions, options: { stateStore: states.store, sessionStore: sessions.store } }
}

function createClient(
  network: ScriptedNetwork,
  stores: GivenStoreOptions,
  options: Partial<CommonOptions> = {},
): OAuthClient {
  return new OAuthClient({
    clientMetadata: createScriptedClient(network).clientMetadata,
    localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
    now: network.now,
    ...stores,
    ...options,
  })
}

/** A lock that several clients share, as processes would. */
function createSharedLock(): RuntimeLock {
  let last: Promise<unknown> = Promise.resolve()
  return (_, fn) => {
    const run = last.then(fn)
    last = run.catch(() => undefined)
    return run
  }
}

it('I11 signs in, restores by the DID alone, renews and signs out', async () => {
  await using network = await startScriptedNetwork()
  const { states, sessions, options } = createStores()
  const client = createClient(network, options)
  await signIn(network, client)
  expect([[...states.entries.keys()], [...sessions.entries.keys()]]).toEqual([[], [alice.did]])

  network.advance(3_600_000)
  const session = await createClient(network, options).restore(alice.did)
  expect(await call(session)).toBe(200)
  expect(session.id).toBe(alice.did)
  expect(network.home.as.grants.counts.rotations).toBe(1)

  await session.signOut()
  expect([...sessions.entries]).toEqual([])
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})

it('has no keys by which a store of this library lists the sessions of an account', async () => {
  await using network = await startScriptedNetwork()
  const client = createClient(network, createStores().options)
  await signIn(network, client)
  expect(await client.accountKeys(alice.did)).toEqual([])
})

it('ID-11 I5 stores what the official Node client stores, and what it knows besides apart from that', async () => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  await signIn(network, createClient(network, options))
  expect(JSON.parse(sessions.entries.get(alice.did) ?? '')).toEqual({
    dpopJwk: { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), d: expect.any(String) },
    authMethod: { method: 'none' },
    tokenSet: {
      iss: network.home.as.origin,
      sub: alice.did,
      aud: network.home.pds.origin,
      scope: expect.stringContaining('atproto'),
      access_token: expect.stringMatching(/^access/),
      refresh_token: expect.stringMatching(/^refresh/),
      token_type: 'DPoP',
      expires_at: new Date(network.now() + 3_600_000).toISOString(),
    },
    details: expect.objectContaining({ generation: 1 }),
  })
  expect(sessions.entries.get(alice.did)).not.toContain(alice.handle)
})

it.each([
  ['nothing of use', { hello: 'world' }],
  ['another account’s session', 'bob'],
  ['a session without its DPoP key', 'keyless'],
  ['a session of the official client without a PDS', 'homeless'],
])('takes no session from a store that holds %s', async (_, content) => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  const client = createClient(network, options)
  await signIn(network, client)
  const stored = JSON.parse(sessions.entries.get(alice.did) ?? '')
  const contents: Record<string, unknown> = {
    bob: { ...stored, tokenSet: { ...stored.tokenSet, sub: bob.did } },
    keyless: { ...stored, dpopJwk: undefined },
    homeless: { ...stored, tokenSet: { ...stored.tokenSet, aud: 'nowhere' }, details: undefined },
  }
  sessions.entries.set(alice.did, JSON.stringify(typeof content === 'string' ? contents[content] : content))
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})

it.each([{ method: 'none' }, 'legacy', undefined])(
  'goes on with a session that the official client stored with authMethod %j',
  async (authMethod) => {
    await using network = await startScriptedNetwork()
    const { sessions, options } = createStores()
    await signIn(network, createClient(network, options))
    const { dpopJwk, tokenSet } = JSON.parse(sessions.entries.get(alice.did) ?? '')
    const key = { ...dpopJwk, kid: 'made there', alg: 'ES256', key_ops: ['sign'] }
    sessions.entries.set(alice.did, JSON.stringify({ dpopJwk: key, authMethod, tokenSet }))

    const client = createClient(network, options)
    expect(await call(await client.restore(alice.did))).toBe(200)
    network.advance(3_600_000)
    const session = await client.restore(alice.did)
    expect(await call(session)).toBe(200)
    expect(network.home.as.grants.counts).toMatchObject({ rotations: 1, replays: 0 })
    await session.signOut()
    expect(network.home.as.grants.counts.revocations).toBe(1)
    expect([...sessions.entries]).toEqual([])
    expect(network.violations).toEqual([])
  },
)

it('RF-2 takes what the official client renewed meanwhile, and renews what it wrote, under one requestLock', async () => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  const session = await signIn(network, createClient(network, options))
  const { grants } = network.home.as
  const renewOfficially = () => {
    const { dpopJwk, authMethod, tokenSet } = JSON.parse(sessions.entries.get(alice.did) ?? '')
    const [grant] = grants.all
    if (!grant) throw new Error('no grant')
    const renewed = grants.renew(grant.holder, tokenSet.refresh_token)
    const { accessToken: access_token, refreshToken: refresh_token } = renewed
    const expires_at = new Date(renewed.expiresAt).toISOString()
    const changes = { access_token, refresh_token, expires_at }
    sessions.entries.set(
      alice.did,
      JSON.stringify({ dpopJwk, authMethod, tokenSet: { ...tokenSet, ...changes } }),
    )
  }
  await session.refresh()
  await session.refresh()
  for (let hours = 1; hours <= 2; hours += 1) {
    network.advance(3_600_000)
    renewOfficially()
    expect(await call(session)).toBe(200)
    network.advance(3_600_000)
    expect(await call(session)).toBe(200)
  }
  expect(grants.counts).toMatchObject({ rotations: 2 + 4, replays: 0 })
})

it('signs out of a session of the official client while its server is down, and says when it cannot be used', async () => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  const session = await signIn(network, createClient(network, options))
  const { details: _, ...official } = JSON.parse(sessions.entries.get(alice.did) ?? '')
  sessions.entries.set(alice.did, JSON.stringify(official))
  network.advance(3_600_000)
  network.home.as.answer('*', { status: 503 })
  const client = createClient(network, options)
  expect(await refusalOf(client.restore(alice.did))).toMatchObject({ code: 'server_unavailable' })
  expect([...sessions.entries.keys()]).toEqual([alice.did])
  await session.signOut()
  expect([...sessions.entries]).toEqual([])
})

it('RV-4 revokes the session that a second sign-in of the account replaces, after the new one is stored', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const client = createClient(network, options)
  await signIn(network, client)
  const second = await signIn(network, client)
  const { all, counts } = network.home.as.grants
  expect([counts.revocations, all.map(({ alive }) => alive)]).toEqual([1, [false, true]])
  expect(await call(second)).toBe(200)
})

it.each([
  [
    'a second sign-in replaces the session',
    async (network: ScriptedNetwork, client: OAuthClient) => signIn(network, client),
  ],
  [
    'its person signs out',
    async (_: ScriptedNetwork, __: OAuthClient, session: OAuthSession) => session.signOut(),
  ],
])('RV-4 C2 revokes the tokens that the store has not taken when %s', async (_, end) => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  const memory = createClientMemory()
  const client = createClient(network, options, { memory })
  const session = await signIn(network, client)
  const stored = fromSession(JSON.parse(sessions.entries.get(alice.did) ?? ''))
  if (!stored) throw new Error('no session')
  const tokens = { ...stored.row.tokens, rotation: 1, refreshToken: 'refresh.unsaved' }
  memory.tokens.unsaved.set(alice.did, { ...stored.row, tokens })
  await end(network, client, session)
  expect(network.sent('/oauth/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh.unsaved'])
  expect(memory.tokens.unsaved.size).toBe(0)
})

it('removes a session that needs a new sign-in', async () => {
  await using network = await startScriptedNetwork()
  const { sessions, options } = createStores()
  const session = await signIn(network, createClient(network, options))
  const { grants } = network.home.as
  grants.revoke(grants.all[0]?.refreshToken ?? '')
  expect(await refusalOf(session.refresh())).toMatchObject({
    name: 'TokenRevokedError',
    code: 'session_ended',
  })
  expect([...sessions.entries]).toEqual([])
})

/** When the server answers a renewal that a second sign-in of the account overtakes. */
const overtaken: readonly [string, (gate: ReturnType<typeof createGate>) => Script][] = [
  ['before that, with new tokens', (gate) => holdAnswer(gate)],
  [
    'after it, with invalid_grant',
    (gate) => async (_, usual) => {
      await gate.pass()
      return usual()
    },
  ],
]
it.each(overtaken)(
  'keeps a new sign-in while the old session renews its tokens, answered %s',
  async (_, script) => {
    await using network = await startScriptedNetwork()
    const { sessions, options } = createStores()
    const client = createClient(network, options)
    const first = await signIn(network, client)
    const gate = createGate()
    network.home.as.answerOnce('/oauth/token', script(gate))
    const renewal = first.refresh()
    await gate.reached
    const second = await signIn(network, client)
    const stored = sessions.entries.get(alice.did)
    gate.open()
    await renewal
    expect(sessions.entries.get(alice.did)).toBe(stored)
    expect(await call(second)).toBe(200)
    expect(await call(first)).toBe(200)
    // Nobody is left with tokens of the old one.
    expect(network.home.as.grants.all.map(({ alive }) => alive)).toEqual([false, true])
    await second.refresh()
    expect(await call(first)).toBe(200)
  },
)

it('gives a session object the tokens of a new sign-in, however often it had renewed its own', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const client = createClient(network, options)
  const first = await signIn(network, client)
  for (let renewals = 0; renewals < 3; renewals += 1) await first.refresh()
  await client.revoke(alice.did)
  expect(await refusalOf(first.getTokenInfo())).toMatchObject({ code: 'session_ended' })
  network.advance(1_000)
  await signIn(network, client)
  await first.getTokenInfo()
  expect(first.isEnded).toBe(false)
  expect(await call(first)).toBe(200)
})

it('takes the tokens of a new sign-in when the PDS refuses those of the old session', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const client = createClient(network, options)
  const first = await signIn(network, client)
  await first.refresh()
  network.advance(1_000)
  await signIn(network, createClient(network, options))
  const before = tokenRequests(network, 'refresh_token').length
  expect(await call(first)).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(before)
})

it('CB-1 gives a state to one of ten callbacks of this process (replayed state)', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const client = createClient(network, options)
  const url = await client.authorize(alice.handle)
  const { searchParams } = network.home.as.approve(url, alice.did)
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => client.callback(searchParams)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(tokenRequests(network, 'authorization_code')).toHaveLength(1)
})

it('RF-2 renews once for fifty calls of a process', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const client = createClient(network, options)
  await signIn(network, client)
  network.advance(3_600_000)
  const sessions = await Promise.all(Array.from({ length: 50 }, () => client.restore(alice.did, false)))
  expect(await Promise.all(sessions.map((session) => call(session)))).toEqual(Array(50).fill(200))
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('RF-2 renews once for two processes that share a requestLock', async () => {
  await using network = await startScriptedNetwork()
  const { options } = createStores()
  const names = new Set<string>()
  const lock = createSharedLock()
  const requestLock: RuntimeLock = (name, fn) => {
    names.add(name)
    return lock(name, fn)
  }
  const clients = [
    createClient(network, options, { requestLock }),
    createClient(network, options, { requestLock }),
  ]
  await signIn(network, clients[0] as OAuthClient)
  network.advance(3_600_000)
  const sessions = await Promise.all(clients.map((client) => client.restore(alice.did, false)))
  expect(await Promise.all(sessions.map((session) => call(session)))).toEqual([200, 200])
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  expect([...names]).toEqual([`@atproto-oauth-client-${alice.did}`])
})

it('RF-2 loses no renewed tokens to another process that notes the use of the session (lost update)', async () => {
  const HOUR_MS = 3_600_000
  await using network = await startScriptedNetwork({ lifetimeMs: 4 * HOUR_MS })
  const { sessions, options } = createStores()
  const shared = { requestLock: createSharedLock(), sessionIdleMs: 30 * HOUR_MS }
  const session = await signIn(network, createClient(network, options, shared))
  network.advance(HOUR_MS)

  const gate = createGate()
  const sessionStore: SimpleStore<Session> = {
    ...sessions.store,
    async set(did, row) {
      await gate.pass()
      return sessions.store.set(did, row)
    },
  }
  const notes: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>) => void notes.push(work)
  const other = createClient(network, { ...options, sessionStore }, { ...shared, waitUntil })
  await other.restore(alice.did, false)
  await gate.reached
  const renewal = session.refresh()
  await Promise.race([renewal, pause(300)])
  gate.open()
  await Promise.all([renewal, ...notes])
  const { tokenSet, details } = JSON.parse(sessions.entries.get(alice.did) ?? '')
  expect(tokenSet.refresh_token).toBe(network.home.as.grants.all[0]?.refreshToken)
  expect(details.lastUsedAt).toBe(network.now())
})

it.each([
  ['without a lock', undefined],
  ['under locks of their own', requestLocalLock],
])(
  'RF-6 keeps what another process stored when both spent the same refresh token %s',
  async (_, requestLock) => {
    await using network = await startScriptedNetwork()
    const { sessions, options } = createStores()
    const session = await signIn(network, createClient(network, options, { requestLock }))
    const stored = JSON.parse(sessions.entries.get(alice.did) ?? '')
    // The server knows the token no more, and a moment later the other process stores what it got for it.
    network.home.as.answer('/oauth/token', { status: 400, json: { error: 'invalid_grant' } })
    const refused = session.refresh()
    const { grants } = network.home.as
    const [grant] = grants.all
    if (!grant) throw new Error('no grant')
    const renewed = grants.renew(grant.holder, stored.tokenSet.refresh_token)
    const { accessToken: access_token, refreshToken: refresh_token } = renewed
    await pause(300)
    const tokenSet = { ...stored.tokenSet, access_token, refresh_token }
    const details = { ...stored.details, generation: 3, rotation: 1 }
    sessions.entries.set(alice.did, JSON.stringify({ ...stored, tokenSet, details }))
    await refused
    expect(await call(session)).toBe(200)
  },
)

it.each(['get', 'set', 'del'] as const)(
  'says store_unavailable when %s of the session store throws',
  async (name) => {
    await using network = await startScriptedNetwork()
    const { sessions, options } = createStores()
    let isBroken = false
    const sessionStore: SimpleStore<Session> = {
      ...sessions.store,
      [name]: (...args: [string, Session]) => {
        if (isBroken) throw new Error('the database is away')
        return Reflect.apply(sessions.store[name], sessions.store, args)
      },
    }
    const client = createClient(network, { ...options, sessionStore })
    const session = await signIn(network, client)
    isBroken = true
    const work = {
      get: () => client.restore(alice.did),
      set: () => signIn(network, client),
      del: () => session.signOut(),
    }
    const error = await refusalOf(work[name]())
    expect(error).toMatchObject({ code: 'store_unavailable' })
    expect(error.message).not.toContain('away')
  },
)

it('KS-9 takes DPoP keys that the application makes, and refuses ones it cannot keep', async () => {
  await using network = await startScriptedNetwork()
  const jwk = { ...(await generatePrivateJwk()), kid: 'made here' }
  const asked: string[][] = []
  const withKey = (key: object) =>
    createScriptedClient(network, {
      runtimeImplementation: {
        createKey: async (algorithms) => {
          asked.push(algorithms)
          return { kid: 'made here', privateJwk: key }
        },
      },
    })
  await withKey(jwk).authorize(alice.handle)
  expect(network.sent('/oauth/par').at(-1)?.proof?.header.jwk).toMatchObject({ x: jwk.x, y: jwk.y })
  expect(asked).toEqual([['ES256']])
  const { d: _, ...publicHalf } = jwk
  expect(await refusalOf(withKey(publicHalf).authorize(alice.handle))).toMatchObject({
    code: 'configuration',
  })
})

it('KS-9 refuses a key of the client as the DPoP key of a sign-in, and sends nothing', async () => {
  await using network = await startScriptedNetwork()
  const jwk = { ...(await generatePrivateJwk()), kid: 'client' }
  const client = createScriptedClient(network, {
    keyset: createKeyset([jwk]),
    runtimeImplementation: { createKey: async () => ({ kid: 'another id', privateJwk: jwk }) },
  })
  expect(await refusalOf(client.authorize(alice.handle))).toMatchObject({ code: 'configuration' })
  expect(network.sent('/oauth/par')).toEqual([])
})

it('refuses to begin without a place to keep anything', async () => {
  await using network = await startScriptedNetwork()
  const { clientMetadata } = createScriptedClient(network)
  const options = { clientMetadata, stateStore: createStores().states.store }
  expect(() => Reflect.construct(OAuthClient, [options])).toThrow(
    /store and secrets, or stateStore and sessionStore/,
  )
})
