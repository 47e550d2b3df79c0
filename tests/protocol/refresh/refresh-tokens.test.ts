/** Renewing tokens without a session, against servers whose refresh tokens work once. */
import { dpopGet, generatePrivateJwk, importKeyset, refreshTokens } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { key, localNetwork, startScript } from '../../support/protocol/script-tokens.ts'
import { alice } from '../../support/protocol/scripted-network.ts'
import { alter, createGate } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const PATH = '/xrpc/com.atproto.repo.describeRepo'

it('RF-1 refreshTokens gives the new pair, which works and can be renewed again', async () => {
  await using world = await startScript()
  const first = await refreshTokens(world.script)
  const grant = world.as.grants.all[0]
  expect(first).toMatchObject({
    accessToken: grant?.accessToken,
    refreshToken: grant?.refreshToken,
    isRotated: true,
    isDpopBound: true,
    sub: alice.did,
    scope: 'atproto repo:a.b.c',
    issuer: world.as.origin,
    tokenEndpoint: world.tokenUrl,
    nonce: world.as.nonces.current(),
  })
  const { accessToken, refreshToken, tokenEndpoint, nonce } = first
  const { response } = await dpopGet({ url: world.pds.origin + PATH, key, accessToken, localNetwork })
  expect(response.status).toBe(200)

  const before = world.network.requests.length
  const second = await refreshTokens({ ...world.script, refreshToken, tokenEndpoint, nonce })
  expect(second.refreshToken).not.toBe(refreshToken)
  expect(world.network.requests.length - before).toBe(1)
  expect(world.as.grants.counts).toMatchObject({ rotations: 2, replays: 0 })
  expect(world.network.violations).toEqual([])
})

it('RF-1 refreshTokens finds the server from the PDS too', async () => {
  await using world = await startScript()
  expect(await refreshTokens({ ...world.script, issuer: world.pds.origin })).toMatchObject({
    issuer: world.as.origin,
    isRotated: true,
  })
})

it('RF-4 refreshTokens keeps the old refresh token when the server names no new one', async () => {
  await using world = await startScript()
  world.as.answer('/oauth/token', { json: { access_token: 'new', token_type: 'DPoP' } })
  expect(await refreshTokens(world.script)).toMatchObject({
    accessToken: 'new',
    refreshToken: world.refreshToken,
    isRotated: false,
  })
})

it.each([
  { expires_in: 'soon' },
  { scope: 7 },
  { sub: null },
  { sub: 'did:plc:somebodyelse' },
  { token_type: 'Bearer' },
  { id_token: 'x' },
])('RF-4 refreshTokens never throws a new pair away: %j', async (changes) => {
  await using world = await startScript()
  world.as.answer('/oauth/token', async (_request, usual) => {
    const answer = await usual()
    return answer.status === undefined ? alter(answer, changes) : answer
  })
  const tokens = await refreshTokens(world.script)
  expect(tokens.refreshToken).toBe(world.as.grants.all[0]?.refreshToken)
  expect(tokens.isDpopBound).toBe(!('token_type' in changes))
})

it('RF-5 refreshTokens cannot be aborted once the request is under way', async () => {
  await using world = await startScript()
  const gate = createGate()
  world.as.answer('/oauth/token', async (_request, usual) => {
    const answer = await usual()
    if (answer.status === undefined) await gate.pass()
    return answer
  })
  const caller = new AbortController()
  const running = refreshTokens({ ...world.script, signal: caller.signal })
  await gate.reached
  caller.abort()
  gate.open()
  expect((await running).isRotated).toBe(true)
  expect(await refusalOf(refreshTokens({ ...world.script, signal: caller.signal }))).toMatchObject({
    name: 'AbortError',
  })
})

it('RF-7 refreshTokens sends a refresh token once, also when the answer is lost', async () => {
  await using world = await startScript()
  const nonce = world.as.nonces.current()
  world.as.answer('/oauth/token', { drop: true })
  await expect(refreshTokens({ ...world.script, nonce })).rejects.toMatchObject({ code: 'network_error' })
  expect(world.network.sent('/oauth/token')).toHaveLength(1)
})

it('RF-6 refreshTokens tells that a session is over, without the token', async () => {
  await using world = await startScript()
  await refreshTokens(world.script)
  const error = await refusalOf(refreshTokens(world.script))
  expect(error).toMatchObject({ code: 'oauth_error', error: 'invalid_grant', status: 400 })
  expect(JSON.stringify(error) + error.message).not.toContain(world.refreshToken)
})

it('KS-3 KS-4 refreshTokens authenticates a confidential client, with another assertion for the repetition', async () => {
  const clientKey = { ...(await generatePrivateJwk()), kid: 'client-key' }
  const { publicJwks } = await importKeyset(clientKey)
  await using world = await startScript({ kid: 'client-key', jwks: { keys: [...publicJwks.keys] } })
  expect(await refreshTokens({ ...world.script, clientKey })).toMatchObject({ isRotated: true })
  const assertions = world.network.sent('/oauth/token').map(({ form }) => form.get('client_assertion'))
  expect(assertions).toEqual([expect.any(String), expect.any(String)])
  expect(assertions[0]).not.toBe(assertions[1])
  expect(world.network.violations).toEqual([])
})

it('refreshTokens uses nothing up when the server cannot be found or the client key is none', async () => {
  await using world = await startScript()
  world.as.answer('/.well-known/oauth-authorization-server', { status: 500, body: '' })
  await expect(refreshTokens(world.script)).rejects.toMatchObject({ code: 'server_unavailable' })
  await expect(refreshTokens({ ...world.script, clientKey: {} })).rejects.toMatchObject({
    code: 'configuration',
  })
  expect(world.network.sent('/oauth/token')).toEqual([])
})
