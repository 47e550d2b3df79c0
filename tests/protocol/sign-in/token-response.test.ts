/** The answer of the token endpoint at a sign-in: what makes a session, and what is refused and revoked. */
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { approveSignIn, call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { type Answer, alter, type Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
type Changes = Readonly<Record<string, unknown>>
const altered =
  (changes: Changes): Script =>
  async (_, usual) =>
    alter(await usual(), changes)

/** A memory store that shows how many rows it holds. */
function createCountedStore(network: ScriptedNetwork): Store & { readonly written: string[] } {
  const written: string[] = []
  const store = createMemoryStore({ now: network.now })
  return {
    ...store,
    written,
    async set(key, value, ttlMs) {
      written.push(key)
      await store.set(key, value, ttlMs)
    },
  }
}

/** Signs in with an altered token answer; what came of it. */
async function signInWith(network: ScriptedNetwork, script: Script | Answer, did = alice.did) {
  const store = createCountedStore(network)
  const client = createScriptedClient(network, { store })
  const { url } = await client.start(alice.handle)
  const { searchParams } = network.home.as.approve(url, did)
  network.home.as.answerOnce(TOKEN, script)
  const outcome = client.callback(searchParams)
  await outcome.catch(() => undefined)
  return { client, outcome, sessionRows: store.written.filter((key) => key.startsWith('session:')).length }
}

async function expectRefused(network: ScriptedNetwork, script: Script, code: string, did?: string) {
  const { outcome, sessionRows } = await signInWith(network, script, did)
  expect(await refusalOf(outcome)).toMatchObject({ name: 'OAuthCallbackError', code })
  expect(sessionRows).toBe(0)
  expect(network.sent(TOKEN)).toHaveLength(1)
}

it('TK-6 leaves out of a scope what would act on a terminal', async () => {
  await using network = await startScriptedNetwork()
  const scope = 'atproto \u001b]52;c;aGk=\u0007 blob:*/* \u202eevil a\nb'
  const { outcome } = await signInWith(network, altered({ scope }))
  expect((await outcome).session.scope).toBe('atproto blob:*/*')
})

it.each([
  ['bound to nobody', { token_type: 'Bearer' }],
  ['without scope', { scope: undefined }],
  ['with an empty scope', { scope: '' }],
  ['with scope xatproto', { scope: 'xatproto repo:app.bsky.feed.post' }],
  ['with scope ATPROTO', { scope: 'ATPROTO' }],
  ['with scope atproto:x', { scope: 'atproto:x' }],
  ['whose sub is a handle', { sub: alice.handle }],
  ['whose sub is a did:key', { sub: 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme' }],
  ['whose sub is a did:web with a port', { sub: 'did:web:localhost%3A3000' }],
  ['whose sub is the DID in upper case', { sub: alice.did.toUpperCase() }],
  ['without sub', { sub: undefined }],
  ['with an empty sub', { sub: '' }],
  ['whose sub is a number', { sub: 7 }],
  ['whose scope is a list', { scope: ['atproto'] }],
  ['without token_type', { token_type: undefined }],
  ['with an id_token', { id_token: 'a.b.c' }],
])('TK-3 TK-9 O6 makes no session of tokens %s, and revokes them', async (_, changes: Changes) => {
  await using network = await startScriptedNetwork()
  await expectRefused(network, altered(changes), 'token_response_invalid')
  expect(network.home.as.grants.counts.revocations).toBe(1)
})

it.each([
  ['token_type dpop', { token_type: 'dpop' }],
  ['a reordered, larger scope', { scope: 'repo:app.bsky.feed.post blob:*/* atproto' }],
  ['a smaller scope', { scope: 'atproto' }],
  ['no expires_in', { expires_in: undefined }],
  ['expires_in -5', { expires_in: -5 }],
  ['expires_in 0', { expires_in: 0 }],
  ['expires_in 1e12', { expires_in: 1e12 }],
  ['expires_in NaN', { expires_in: 'NaN' }],
  ['expires_in null', { expires_in: null }],
  ['no refresh_token', { refresh_token: undefined }],
  ['a refresh_token with a line break', { refresh_token: 'a\r\nb' }],
  ['id_token null', { id_token: null }],
  ['unknown members', { extra: { sub: bob.did }, constructor: 1, toString: 'x' }],
])(
  'TK-3 TK-6 O6 O7 signs in with %s, keeps no odd value, and the session works',
  async (_, changes: Changes) => {
    await using network = await startScriptedNetwork()
    const { outcome } = await signInWith(network, altered(changes))
    const { session } = await outcome
    expect(await call(session)).toBe(200)
    expect(session.scope).toBe('scope' in changes ? changes.scope : 'atproto repo:app.bsky.feed.post')
  },
)

it('O6 counts what was granted without having been asked for, and says nothing of it', async () => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  const client = createScriptedClient(network, { onWarning: (message) => warnings.push(message) })
  const scope = 'atproto repo:app.bsky.feed.post blob:*/*'
  network.home.as.answerOnce(TOKEN, altered({ scope }))
  const session = await signIn(network, client)
  expect([session.scope, session.can('blob:image/png'), warnings]).toEqual([scope, true, []])
})

it('O7 does not trust an expiry above 24 hours', async () => {
  await using network = await startScriptedNetwork({ lifetimeMs: 48 * 3_600_000 })
  const { outcome } = await signInWith(network, altered({ expires_in: 1e12 }))
  const { session } = await outcome
  network.advance(24 * 3_600_000)
  await call(session)
  expect(network.home.as.grants.counts.rotations).toBe(1)
})

it('O7 RF-8 uses a short life as it is', async () => {
  await using network = await startScriptedNetwork({ lifetimeMs: 10_000 })
  const { outcome } = await signInWith(network, (_, usual) => usual())
  const { session } = await outcome
  network.advance(8_000)
  await call(session)
  expect(network.home.as.grants.counts.rotations).toBe(0)
  network.advance(1_500)
  await call(session)
  expect(network.home.as.grants.counts.rotations).toBe(1)
})

it.each([
  ['missing', undefined],
  ['empty', ''],
  ['a number', 7],
  ['with a line break', 'a\r\nauthorization: x'],
  ['with a space', 'a b'],
  ['outside ASCII', 'tök'],
])('O7 makes no session when the access token is %s', async (_, access_token) => {
  await using network = await startScriptedNetwork()
  await expectRefused(network, altered({ access_token }), 'token_response_invalid')
})

it.each([
  ['HTML', { headers: { 'content-type': 'text/html' }, body: '<p>' }],
  ['malformed JSON', { headers: { 'content-type': 'application/json' }, body: '{"access_token":' }],
  ['a list', { headers: { 'content-type': 'application/json' }, body: '[]' }],
  ['nothing', { status: 204 }],
])('O7 makes no session of %s', async (_, answer: Answer) => {
  await using network = await startScriptedNetwork()
  await expectRefused(network, () => answer, 'token_response_invalid')
})

it('TK-4 I1 I2 refuses another account than the one named, and revokes its tokens', async () => {
  await using network = await startScriptedNetwork()
  await expectRefused(network, (_, usual) => usual(), 'account_mismatch', bob.did)
  expect(network.home.as.grants.counts.revocations).toBe(1)
})

it('TK-5 I1 refuses the sub of a victim from a server that is not the victim’s', async () => {
  await using network = await startScriptedNetwork()
  const evil = await network.addHome()
  const client = createScriptedClient(network)
  // The victim's name leads to the evil server while the sign-in begins, as after a poisoned look-up.
  network.move(alice, evil.pds.origin)
  const { url } = await client.start(alice.handle)
  network.move(alice, network.home.pds.origin)
  const outcome = client.callback(evil.as.approve(url, alice.did).searchParams)
  expect(await refusalOf(outcome)).toMatchObject({ code: 'issuer_mismatch' })
  expect(evil.as.grants.counts.revocations).toBe(1)
  expect(network.sent(TOKEN, network.home.as.origin)).toEqual([])
})

it.each([
  ['the directory is down', ({ plc }: ScriptedNetwork) => plc.answer('*', { status: 503 })],
  ['the directory knows no such account', ({ plc }: ScriptedNetwork) => plc.answer('*', { status: 404 })],
  ['the PDS is down', ({ home }: ScriptedNetwork) => home.pds.answer('*', { drop: true })],
])('TK-5 TK-9 fails closed and revokes when %s after the exchange', async (_, script) => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  script(network)
  await refusalOf(client.callback(params))
  expect(network.home.as.grants.counts.revocations).toBe(1)
})

it('TK-7 TK-8 works with tokens that are no JWTs, and calls the PDS, not the issuer', async () => {
  await using network = await startScriptedNetwork()
  const { outcome } = await signInWith(network, (_, usual) => usual())
  const { session } = await outcome
  await call(session, '/xrpc/com.example.echo')
  expect(new Set(network.sent('/xrpc/com.example.echo').map(({ origin }) => origin))).toEqual(
    new Set([network.home.pds.origin]),
  )
})

it.each([
  ['a store error', () => new StoreUnavailableError('The disk is full.')],
  ['any error', () => new Error('The driver is broken.')],
])('TK-10 revokes the tokens when writing the session fails with %s', async (_, createError) => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const failing: Store = {
    ...store,
    set: (key, ...rest) =>
      key.startsWith('session:') ? Promise.reject(createError()) : store.set(key, ...rest),
  }
  const client = createScriptedClient(network, { store: failing })
  await refusalOf(client.callback(await approveSignIn(network, client)))
  expect(network.home.as.grants.counts.revocations).toBe(1)
})
