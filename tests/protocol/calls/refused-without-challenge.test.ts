/** Access tokens that a PDS refuses without a challenge, by the name of an error in the body alone. */
import { StoreUnavailableError, TokenInvalidError } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signIn,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const ECHO = '/xrpc/com.example.echo'
const MINUTE_MS = 60_000
const says = (status: number, error: string, message?: string): Answer => ({
  status,
  json: { error, message },
})
const refreshes = (network: ScriptedNetwork) => tokenRequests(network, 'refresh_token').length

it.each([
  [400, 'ExpiredToken'],
  [401, 'ExpiredToken'],
  [400, 'InvalidToken'],
  [401, 'InvalidToken'],
  [401, 'invalid_token'],
  [401, 'ExpiredToken', 'DPoP algs="ES256"'],
  [401, 'ExpiredToken', 'Bearer error="invalid_token"'],
])(
  'refreshes once after %i %s and repeats the call, a write with the same body',
  async (status, error, challenge = '') => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    const headers = { 'www-authenticate': challenge }
    network.home.pds.answerOnce(ECHO, { ...says(status, error), headers })
    await session.post('com.example.echo', { body: { text: 'once' } })
    expect(network.sent(ECHO).map(({ body }) => body.toString())).toEqual(Array(2).fill('{"text":"once"}'))
    expect(refreshes(network)).toBe(1)
    expect(network.violations).toEqual([])
  },
)

it.each([
  [400, 'ExpiredToken'],
  [401, 'InvalidToken'],
])('hands the PDS’s own %i %s to the caller when the new token is refused too', async (status, error) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(ECHO, says(status, error, 'The token is no good.'))
  const response = await session.fetchHandler(ECHO)
  expect([response.status, await response.json()]).toEqual([
    status,
    { error, message: 'The token is no good.' },
  ])
  const refusal = await refusalOf(session.get('com.example.echo'))
  expect(refusal).not.toBeInstanceOf(TokenInvalidError)
  expect(refusal).toMatchObject({ name: 'XrpcError', status, error, errorMessage: 'The token is no good.' })
  expect([network.sent(ECHO).length, refreshes(network)]).toEqual([3, 1])
})

it.each(['InvalidToken', 'ExpiredToken'])(
  'a PDS drives no refreshes by %s: one for a session and minute',
  async (error) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    for (let round = 0; round < 30; round += 1) {
      network.home.pds.answerOnce(ECHO, says(400, error))
      expect(await call(session, ECHO)).toBe(round === 0 ? 200 : 400)
      network.advance(1_000)
    }
    expect(refreshes(network)).toBe(1)
    network.advance(MINUTE_MS)
    network.home.pds.answerOnce(ECHO, says(400, error))
    expect(await call(session, ECHO)).toBe(200)
    expect(refreshes(network)).toBe(2)
  },
)

it('takes the tokens that another process has refreshed, whatever the minute', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  const other = await createScriptedClient(network, { store }).restore(session.did, false, {
    sessionId: session.id,
  })
  for (let round = 1; round <= 3; round += 1) {
    await other.refresh()
    network.home.pds.answerOnce(ECHO, says(400, 'InvalidToken'))
    expect(await call(session, ECHO)).toBe(200)
    expect(refreshes(network)).toBe(round)
  }
})

it('refreshes the tokens of another process first when they have ended too', async () => {
  await using network = await startScriptedNetwork({ lifetimeMs: 4 * MINUTE_MS })
  const store = createMemoryStore({ now: network.now })
  const { session } = await signInWarm(network, { store })
  // This object believes its token without end, as that of a server that does not say.
  network.home.as.answerOnce('/oauth/token', async (_, usual) => {
    const { json, ...answer } = await usual()
    return { ...answer, json: { ...json, expires_in: undefined } }
  })
  await session.refresh()
  const other = await createScriptedClient(network, { store }).restore(session.did, false, {
    sessionId: session.id,
  })
  await other.refresh()
  network.advance(4 * MINUTE_MS)
  network.home.pds.answerOnce(ECHO, says(400, 'ExpiredToken'))
  expect(await call(session, ECHO)).toBe(200)
  expect([network.sent(ECHO).length, refreshes(network)]).toEqual([2, 3])
})

const emailMethods = ['confirmEmail', 'updateEmail', 'resetPassword', 'deleteAccount', 'getServiceAuth']
it.each([
  ...emailMethods.map((name) => [`com.atproto.server.${name}`, 'ExpiredToken', undefined] as const),
  ...emailMethods.map((name) => [`com.atproto.server.${name}`, 'InvalidToken', undefined] as const),
  ['com.atproto.identity.signPlcOperation', 'InvalidToken', 'The token of the e-mail'] as const,
  ['com.example.echo', 'InvalidToken', 'Bad token method'] as const,
  ['com.example.echo', 'InvalidToken', 'Bad token scope'] as const,
  ['com.example.echo', 'InvalidToken', 'bad token scope: com.atproto.access'] as const,
  ['com.example.echo', 'BadJwt', undefined] as const,
  ['com.example.echo', 'invalid_token', undefined] as const,
])('leaves the answer of %s alone: %s, %j', async (nsid, error, message) => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(`/xrpc/${nsid}`, says(400, error, message))
  expect(await refusalOf(session.post(nsid, { body: {} }))).toMatchObject({ name: 'XrpcError', error })
  expect([network.sent(`/xrpc/${nsid}`).length, refreshes(network)]).toEqual([1, 0])
})

it.each(['ExpiredToken', 'InvalidToken'])(
  '%s of a service that the PDS passes a call on to is not about our token',
  async (error) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(ECHO, says(400, error))
    const proxied = session.withProxy('did:web:api.example.com#appview')
    expect(await refusalOf(proxied.get('com.example.echo'))).toMatchObject({ name: 'XrpcError', error })
    expect([network.sent(ECHO).length, refreshes(network)]).toEqual([1, 0])
  },
)

it.each([
  ['403', says(403, 'ExpiredToken')],
  ['500', says(500, 'ExpiredToken')],
  ['a page', { status: 400, headers: { 'content-type': 'text/html' }, body: '{"error":"ExpiredToken"}' }],
  ['the name in the message', says(400, 'InvalidRequest', 'ExpiredToken')],
  [
    'a challenge of another kind',
    { ...says(401, 'ExpiredToken'), headers: { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' } },
  ],
  [
    'an endless error',
    {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: `{"error":"ExpiredToken","x":"${'x'.repeat(70_000)}"}`,
    },
  ],
] as readonly [string, Answer][])(
  'does not refresh for ExpiredToken in %s, and hands the body over whole',
  async (_, answer) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(ECHO, answer)
    const response = await session.fetchHandler(ECHO)
    expect([response.status, await response.text()]).toEqual([
      answer.status,
      answer.body ?? JSON.stringify(answer.json),
    ])
    expect([network.sent(ECHO).length, refreshes(network)]).toEqual([1, 0])
  },
)

it('asks for the stream again after a refusal without a challenge, with new tokens', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  const stream = () => new Blob(['data']).stream()
  network.home.pds.answerOnce(ECHO, says(400, 'ExpiredToken'))
  const upload = () => session.fetchHandler(ECHO, { method: 'POST', body: stream() })
  expect(await refusalOf(upload())).toMatchObject({ code: 'retry_needed', retryable: true })
  expect((await upload()).status).toBe(200)
  expect(refreshes(network)).toBe(1)
})

it('hands the answer over while the store is down', async () => {
  await using network = await startScriptedNetwork()
  const store = createMemoryStore({ now: network.now })
  let isDown = false
  const get: typeof store.get = async (key) => {
    if (isDown) throw new StoreUnavailableError('down')
    return store.get(key)
  }
  const { session } = await signInWarm(network, { store: { ...store, get } })
  isDown = true
  network.home.pds.answer(ECHO, says(400, 'InvalidToken'))
  expect(await call(session, ECHO)).toBe(400)
  expect([network.sent(ECHO).length, refreshes(network)]).toEqual([1, 0])
})
