/** A stored session that does not open signs its user out; the operator reads why. */
import type { JSONWebKeySet } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { generatePrivateJwk, importKeyset } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError, TokenRevokedError } from '../../../lib/errors.ts'
import { createClientMemory } from '../../../lib/oauth/client-memory.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata/build.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { SECRET as CLIENT_SECRET, SCOPE } from '../../support/client.ts'
import { createNextApp, navigation, SECRET, SESSION_COOKIE } from '../../support/protocol/next-app.ts'
import { createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'
import { refusalOf } from '../../support/refusal.ts'

const NEWER = 'Qw8!nR3@vB6#mK1$zX9%cL4^tJ7&hG2*'
const OTHER = {
  publicUrl: 'https://other.example.com',
  scope: SCOPE,
  metadataPath: '/oauth-client-metadata.json',
  jwksPath: '/oauth/jwks.json',
  callbackPath: '/oauth/callback',
}
const ADVICE = 'Stored sessions could not be opened with the secrets of this application'
const MINUTE_MS = 60_000

async function startNetwork(jwks?: JSONWebKeySet) {
  const network = await startScriptedNetwork(jwks && { jwks })
  onTestFinished(() => network[Symbol.asyncDispose]())
  return network
}

/** A client of a published application on a store with a session of alice, which another client has begun. */
async function startReader(reader: Parameters<typeof createScriptedClient>[1]) {
  const keyset = await importKeyset({ ...(await generatePrivateJwk()), kid: 'key' })
  const network = await startNetwork({ keys: [...keyset.publicJwks.keys] })
  const store = createMemoryStore({ now: network.now })
  const { id, did } = await signIn(network, createScriptedClient(network, { store, keyset }))
  const lines: string[] = []
  const client = createScriptedClient(network, {
    ...{ store, keyset, memory: createClientMemory(), onWarning: (line) => lines.push(line) },
    ...reader,
  })
  return { store, id, did, lines, client }
}

it('a session whose secret was removed: one line for any number of requests, and nothing of the session in it', async () => {
  const { client, id, did, lines } = await startReader({ secrets: [NEWER] })
  for (let n = 0; n < 5; n += 1)
    await expect(client.restore(did, false, { sessionId: id })).rejects.toMatchObject({
      code: 'configuration',
    })
  expect(lines).toEqual([expect.stringContaining(`${ADVICE}: `)])
  expect(lines[0]).toContain('ATPROTO_SECRET')
  for (const word of [id, sha256(id), did, NEWER]) expect(lines[0]).not.toContain(word)
})

it('a session that was altered in the store: is told apart from one whose secret is missing', async () => {
  const { client, store, id, lines } = await startReader({})
  const stored = await store.get(`session:${sha256(id)}`)
  const [head, ...rest] = stored?.value.split('.') ?? []
  await store.set(`session:${sha256(id)}`, [head, ...rest.slice(0, -1), 'A'.repeat(22)].join('.'), MINUTE_MS)
  expect(await client.describeSession(id)).toBeUndefined()
  await store.set(`session:${sha256(id)}`, 'no sealed text', MINUTE_MS)
  expect(await client.describeSession(id)).toBeUndefined()
  expect(lines).toEqual([expect.stringContaining('although their secret is configured')])
})

it('a session that opens, and one that is not there: no line', async () => {
  const { client, id, lines } = await startReader({})
  expect(await client.describeSession(id)).toBeDefined()
  expect(await client.describeSession('unknown')).toBeUndefined()
  expect(lines).toEqual([])
})

it('a Next.js application whose secret was replaced says so, but not for cookies that anyone can make up', async () => {
  const network = await startNetwork()
  const store = createMemoryStore()
  const lines = recordLog()
  const told = () => lines.filter((line) => `${line}`.includes(ADVICE))
  const before = createNextApp(network, { store }).visit()
  await before.signIn(alice)
  // Both secrets: the cookie is sealed again at once, and the row only at the next refresh or day of use.
  const during = createNextApp(network, { store, secret: [NEWER, SECRET] }).visit(before.jar)
  await during.get('/oauth/login')
  const after = createNextApp(network, { store, secret: NEWER })
  const junk = await sealSessionCookie({ did: alice.did, sessionIds: ['x'] }, ['m'.repeat(20) + SECRET], 60)
  for (const value of [junk, before.jar.get(SESSION_COOKIE), 'junk'])
    await after.visit().get('/oauth/login', { ...navigation, cookie: `${SESSION_COOKIE}=${value}` })
  expect(told()).toEqual([])
  for (let n = 0; n < 3; n += 1) expect(await after.visit(during.jar).whoIsSignedIn()).toBeUndefined()
  expect(told()).toEqual([expect.stringContaining(`[next-atproto-auth] ${ADVICE}: `)])
})

describe('a job that restores a stored session', () => {
  const SECRET_FIX = 'at the end of ATPROTO_SECRET'
  it.each<[string, Parameters<typeof createScriptedClient>[1], 'secret' | 'other', string]>([
    ['whose secret was removed', { secrets: [NEWER] }, 'secret', SECRET_FIX],
    ['of another client_id', { clientMetadata: buildClientMetadata(OTHER) }, 'other', 'PUBLIC_URL'],
  ])(
    'is told that the session is kept and what to do, and not that it has ended: %s',
    async (_, reader, cause, fix) => {
      const { client, id, did } = await startReader(reader)
      for (const refresh of ['auto', true, false] as const) {
        const refusal = await refusalOf(client.restore(did, refresh, { sessionId: id }))
        expect(refusal).toBeInstanceOf(ConfigurationError)
        expect(refusal).not.toBeInstanceOf(TokenRevokedError)
        expect(refusal).toMatchObject({
          code: 'configuration',
          retryable: false,
          did,
          unopenedSession: cause,
        })
        expect(refusal.message).toContain(fix)
        for (const word of [id, sha256(id), NEWER]) expect(refusal.message).not.toContain(word)
      }
      const refusal = await refusalOf(client.exportSession(did, { sessionId: id }))
      expect(refusal).toBeInstanceOf(ConfigurationError)
    },
  )

  it('gets it when the secret is back', async () => {
    const { client, id, did } = await startReader({ secrets: [NEWER, CLIENT_SECRET] })
    expect((await client.restore(did, false, { sessionId: id })).did).toBe(did)
  })

  it('is told without a reason where the row is gone, and with the reason where the server ended it', async () => {
    const network = await startNetwork()
    const client = createScriptedClient(network)
    const [revoked, gone] = [await signIn(network, client), await signIn(network, client)]
    network.home.as.grants.revoke(network.home.as.grants.all[0]?.refreshToken ?? '')
    await refusalOf(revoked.refresh())
    await gone.signOut()
    const restore = ({ id }: { readonly id: string }) => client.restore(alice.did, false, { sessionId: id })
    expect(await refusalOf(restore(revoked))).toMatchObject({ code: 'session_ended', reason: 'revoked' })
    expect(await refusalOf(restore(gone))).toMatchObject({ code: 'session_ended', reason: undefined })
  })
})
