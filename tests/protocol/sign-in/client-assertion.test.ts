/** How a confidential client authenticates: `private_key_jwt`, fresh each time, with the key of its sign-in. */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { generatePrivateJwk, importKeyset } from 'next-atproto-auth/oauth'
import { beforeAll, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  approveSignIn,
  call,
  createScriptedClient,
  signIn,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { RecordedRequest } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const HOUR_MS = 3_600_000
let oldJwk: object
let newJwk: object
beforeAll(async () => {
  oldJwk = { ...(await generatePrivateJwk()), kid: 'old' }
  newJwk = { ...(await generatePrivateJwk()), kid: 'new' }
})

async function startConfidential(serverSkewMs = 0) {
  const oldKeys = await importKeyset([oldJwk])
  const bothKeys = await importKeyset([newJwk, oldJwk])
  const network = await startScriptedNetwork({ jwks: { keys: [...bothKeys.publicJwks.keys] }, serverSkewMs })
  const store = createMemoryStore({ now: network.now })
  const withKeys = async (...jwks: readonly object[]) =>
    createScriptedClient(network, { store, keyset: await importKeyset(jwks) })
  return { network, client: createScriptedClient(network, { store, keyset: oldKeys }), withKeys }
}

function assertionOf(request: RecordedRequest | undefined) {
  const jwt = request?.form.get('client_assertion') ?? ''
  return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) }
}

it('KS-3 KS-5 O8 signs what the profile asks for, for the issuer, a little in the past', async () => {
  const { network, client } = await startConfidential()
  await using _ = network
  await client.start('alice.test')
  const { header, claims } = assertionOf(network.sent('/oauth/par').at(-1))
  const now = Math.floor(network.now() / 1000)
  expect(header).toEqual({ alg: 'ES256', kid: 'old', typ: 'JWT' })
  expect(claims).toEqual({
    iss: 'https://app.example.com/oauth-client-metadata.json',
    sub: 'https://app.example.com/oauth-client-metadata.json',
    aud: network.home.as.origin,
    jti: expect.stringMatching(/^[\w-]{43}$/),
    iat: now - 10,
    exp: now + 60,
  })
})

it('KS-4 O8 signs a fresh assertion for each request, for the repetition with a nonce as well', async () => {
  const { network, client } = await startConfidential()
  await using _ = network
  const { as } = network.home
  const params = await approveSignIn(network, client)
  as.nonces.rotate()
  const { session } = await client.callback(params)
  network.advance(HOUR_MS)
  as.nonces.rotate()
  await call(session)
  as.nonces.rotate()
  await session.signOut()
  const requests = ['/oauth/par', '/oauth/token', '/oauth/revoke'].flatMap((path) => network.sent(path))
  expect(requests).toHaveLength(8)
  expect(new Set(requests.map((request) => assertionOf(request).claims.jti)).size).toBe(8)
  expect(network.violations).toEqual([])
})

it.each([9_000, -45_000])(
  'KS-5 signs in at a server without tolerance whose clock is %i ms behind',
  async (behind) => {
    const { network, client } = await startConfidential(-behind)
    await using _ = network
    await signIn(network, client)
    expect(network.violations).toEqual([])
  },
)

it.each([30_000, -120_000])(
  'O8 S12 learns the server’s time from its answers when that is %i ms behind',
  async (behind) => {
    const { network, client } = await startConfidential(-behind)
    await using _ = network
    const date = () => new Date(network.now() - behind).toUTCString()
    network.home.as.answer('*', async (_request, usual) => {
      const answer = await usual()
      return { ...answer, headers: { ...answer.headers, date: date() } }
    })
    await signIn(network, client)
  },
)

it.each([300_000, -300_000])(
  'S12 DP-7 signs in at a server that is %i ms behind: the pushed request that it refuses is sent again with its time',
  async (behind) => {
    const { network, client } = await startConfidential(-behind)
    await using _ = network
    const session = await signIn(network, client)
    network.advance(HOUR_MS)
    expect(await call(session)).toBe(200)
    expect(network.violations).toEqual([expect.stringMatching(/^invalid_dpop_proof: /)])
  },
)

it('KS-6 CB-6 RF-3 uses the key of the sign-in for exchange, refresh and revocation after a rotation', async () => {
  const { network, client, withKeys } = await startConfidential()
  await using _ = network
  const params = await approveSignIn(network, client)
  const rotated = await withKeys(newJwk, oldJwk)
  const { session } = await rotated.callback(params)
  network.advance(HOUR_MS)
  await call(session)
  await session.signOut()
  const later = [...network.sent('/oauth/token'), ...network.sent('/oauth/revoke')]
  expect(new Set(later.map((request) => assertionOf(request).header.kid))).toEqual(new Set(['old']))
  await rotated.start('alice.test')
  expect(assertionOf(network.sent('/oauth/par').at(-1)).header.kid).toBe('new')
  expect(network.violations).toEqual([])
})

it('KS-8 names a missing key, asks nothing, and keeps the session for its return', async () => {
  const { network, client, withKeys } = await startConfidential()
  await using _ = network
  const { id, did } = await signIn(network, client)
  network.advance(HOUR_MS)
  const without = await (await withKeys(newJwk)).restore(did, false, { sessionId: id })
  expect(await refusalOf(call(without))).toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('old'),
  })
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
  const again = await (await withKeys(newJwk, oldJwk)).restore(did, false, { sessionId: id })
  expect(await call(again)).toBe(200)
})

it('KS-9 never binds tokens to the client’s own key', async () => {
  const { network, client } = await startConfidential()
  await using _ = network
  await client.start('alice.test')
  const [published] = client.jwks.keys
  expect(network.sent('/oauth/par').at(-1)?.proof?.header.jwk?.x).not.toBe(published?.x)
})
