/** Calls to the PDS: what is on the wire, what a 401 means, and what the PDS cannot make the client do. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { call, signInWarm, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const refusal = (header: string): Answer => ({ status: 401, headers: { 'www-authenticate': header } })

it('DP-4 DP-5 DP-6 DP-14 proves method, URL without query, and token; the token is in one place', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  await session.fetchHandler(`${ECHO}?x=1#y`, { method: 'post', body: 'hello' })
  const [request] = network.sent(ECHO)
  const token = network.home.as.grants.all.at(0)?.accessToken ?? ''
  expect(request?.headers.authorization).toBe(`DPoP ${token}`)
  expect(request?.proof?.header).toEqual({
    alg: 'ES256',
    typ: 'dpop+jwt',
    jwk: { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) },
  })
  expect(request?.proof?.claims).toEqual({
    jti: expect.stringMatching(/^[\w-]{22,}$/),
    htm: 'POST',
    htu: session.pds + ECHO,
    iat: Math.floor(network.now() / 1000),
    nonce: network.home.pds.nonces.current(),
    ath: createHash('sha256').update(token).digest('base64url'),
  })
  expect(request?.target + String(request?.body)).toBe(`${ECHO}?x=1hello`)
})

it.each([
  'DPoP error="invalid_token"',
  'dpop error=invalid_token',
  'DPoP algs="ES256", error="invalid_token", error_description="a \\"quoted\\" text"',
  'Bearer realm="pds", DPoP error="invalid_token", algs="ES256"',
])(
  'RS-1 R5 renews once for %s, repeats the call once, and keeps the session when that fails',
  async (header) => {
    await using network = await startScriptedNetwork()
    const { client, session } = await signInWarm(network)
    network.home.pds.answer(ECHO, refusal(header))
    expect(await refusalOf(call(session, ECHO))).toMatchObject({
      name: 'TokenInvalidError',
      code: 'token_rejected',
    })
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
    expect(network.sent(ECHO)).toHaveLength(2)
    expect(await call(await client.restore(session.did, false, { sessionId: session.id }))).toBe(200)
  },
)

it('RS-1 succeeds when the renewed token is taken', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(ECHO, refusal('DPoP error="invalid_token"'))
  expect(await call(session, ECHO)).toBe(200)
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it('R5 renews at most once a minute for a PDS that refuses every token', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, refusal('DPoP error="invalid_token"'))
  for (let second = 0; second < 10; second += 1) {
    network.advance(1_000)
    await refusalOf(call(session, ECHO))
  }
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
})

it.each([
  ['401 without challenge', { status: 401, json: { error: 'AuthMissing' } }],
  ['401 with another error', refusal('DPoP error="invalid_dpop_proof"')],
  ['401 invalid_token for Bearer', refusal('Bearer error="invalid_token"')],
  ['401 invalid_token for Bearer beside DPoP', refusal('DPoP algs="ES256", Bearer error="invalid_token"')],
  ['401 with invalid_token inside a text', refusal('DPoP error_description="error=invalid_token, DPoP"')],
  ['401 with an endless challenge', refusal(`DPoP ${'a'.repeat(10_000)}`)],
  ['400 AccountTakedown', { status: 400, json: { error: 'AccountTakedown' } }],
  ['400 with an invalid_token challenge', { ...refusal('DPoP error="invalid_token"'), status: 400 }],
  ['403 ScopeMissingError', { status: 403, json: { error: 'ScopeMissingError' } }],
  ['429', { status: 429, headers: { 'retry-after': '1' } }],
  ['500', { status: 500, body: 'oops' }],
])('RS-2 RS-3 RS-4 hands %s to the caller, without a refresh or a repetition', async (_, answer: Answer) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, answer)
  expect(await call(session, ECHO)).toBe(answer.status)
  expect(network.sent(ECHO)).toHaveLength(1)
  expect(tokenRequests(network, 'refresh_token')).toEqual([])
})

it.each([301, 302, 303, 307, 308])('R2 DP-14 does not follow a %i of the PDS', async (status) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  const evil = await network.addHome()
  network.home.pds.answer(ECHO, { status, headers: { location: evil.pds.origin + ECHO } })
  const response = await session.fetchHandler(ECHO, { method: 'POST', body: 'x', redirect: 'follow' })
  expect(response.status).toBe(status)
  expect(network.sent(ECHO).map(({ origin }) => origin)).toEqual([network.home.pds.origin])
})

it('R7 writes once when the first sending is refused', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answerOnce(ECHO, refusal('DPoP error="invalid_token"'))
  const body = new FormData()
  body.set('text', 'hello')
  const response = await session.fetchHandler(ECHO, { method: 'POST', body })
  expect(response.status).toBe(200)
  const [first, second, ...more] = network.sent(ECHO)
  expect(second?.body.equals(first?.body ?? Buffer.of())).toBe(true)
  expect(second?.headers['content-type']).toBe(first?.headers['content-type'])
  expect(more).toEqual([])
})

it('R7 does not repeat a call whose connection broke', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, { drop: true })
  const outcome = session.fetchHandler(ECHO, { method: 'POST', body: 'x' })
  expect(await refusalOf(outcome)).toMatchObject({ code: 'network_error' })
  expect(network.sent(ECHO)).toHaveLength(1)
})
