/**
 * Servers that refuse the refresh token of an ended session in words of their own instead of `invalid_grant`: the
 * session ends when they have said so three times over an hour, and by no other answer.
 */
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import {
  call,
  createScriptedClient,
  signInWarm,
  tokenRequests,
} from '../../support/protocol/scripted-client.ts'
import {
  type NetworkOptions,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const TOKEN = '/oauth/token'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const says = (json: Readonly<Record<string, string>>, status = 400): Answer => ({ status, json })

const mismatch = says({ error: '"client_id" mismatch' })
const expired = says({ error: 'Session expired' })
const invalidToken = says({ error: 'InvalidRequest', message: 'invalid refresh token' })
const ownWords = [
  ['cocoon: "client_id" mismatch', mismatch],
  ['cocoon: Session expired', expired],
  ['pegasus: invalid refresh token', invalidToken],
] as const

/** A session whose access token has just ended, at a server that refuses its refresh token. */
async function startRefused(answer: Answer, options: NetworkOptions = {}) {
  const network = await startScriptedNetwork(options)
  const store = createMemoryStore({ now: network.now })
  const { client, session } = await signInWarm(network, { store })
  network.advance(HOUR_MS)
  network.home.as.answer(TOKEN, answer)
  const startProcess = (): Promise<OAuthSession> =>
    createScriptedClient(network, { store }).restore(session.did, false, { sessionId: session.id })
  return {
    network,
    client,
    session,
    startProcess,
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

/** Calls at these minutes, all of which are refused; the errors. */
async function callAt(
  minutes: readonly number[],
  { network, session }: { readonly network: ScriptedNetwork; readonly session: OAuthSession },
): Promise<readonly Error[]> {
  const errors: Error[] = []
  let passed = 0
  for (const minute of minutes) {
    network.advance((minute - passed) * MINUTE_MS)
    passed = minute
    errors.push(await refusalOf(call(session)))
  }
  return errors
}

const over = { name: 'TokenRevokedError', code: 'session_ended', reason: 'revoked' }
const kept = { name: 'TokenRefreshError', code: 'refresh_failed' }

/** The session works as soon as its server takes its refresh token again. */
async function expectAlive({ network, client, session }: Awaited<ReturnType<typeof startRefused>>) {
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: true })
  network.home.as.restore(TOKEN)
  expect(await call(session)).toBe(200)
}

it.each(ownWords)('ends the session after three answers over an hour: %s', async (_, answer) => {
  await using refused = await startRefused(answer)
  const { network, client, session } = refused
  const ended: unknown[] = []
  client.addEventListener('deleted', ({ detail }) => ended.push(detail.cause))
  expect(await callAt([0, 30, 60], refused)).toMatchObject([kept, kept, over])
  expect(await client.describeSession(session.id)).toMatchObject({ isActive: false, reason: 'revoked' })
  expect(ended).toMatchObject([over])
  await refusalOf(call(session))
  expect(tokenRequests(network, 'refresh_token')).toHaveLength(3)
})

it('ends the session when three processes got one answer each', async () => {
  await using refused = await startRefused(mismatch)
  const { network, startProcess } = refused
  const outcomes: Error[] = []
  for (const minute of [0, 30, 60]) {
    const session = await startProcess()
    network.advance(minute === 0 ? 0 : 30 * MINUTE_MS)
    outcomes.push(await refusalOf(call(session)))
  }
  expect(outcomes).toMatchObject([kept, kept, over])
})

it('ends the session at the end of the hour, however often the server was asked', async () => {
  await using refused = await startRefused(expired)
  const minutes = Array.from({ length: 13 }, (_, index) => index * 5)
  const errors = await callAt(minutes, refused)
  expect(errors.slice(0, -1)).toMatchObject(Array(12).fill(kept))
  expect(errors.at(-1)).toMatchObject(over)
})

it.each([4_000, -4_000])('ends the session although the clocks differ by %i ms', async (serverSkewMs) => {
  await using refused = await startRefused(expired, { serverSkewMs })
  expect((await callAt([0, 30, 60], refused)).at(-1)).toMatchObject(over)
})

it.each(ownWords)('tells the log what the server said: %s', async (_, answer) => {
  await using refused = await startRefused(answer)
  const [error] = await callAt([0], refused)
  const said = answer.json?.message ?? answer.json?.error
  expect(error).toMatchObject({
    ...kept,
    cause: { status: 400, errorDescription: expect.stringContaining(String(said)) },
  })
})

it.each([
  ['two answers over an hour', [0, 60]],
  ['three answers within 59 minutes', [0, 30, 59]],
  ['three answers in one minute, and no other', [0, 0, 0]],
])('keeps the session after %s', async (_, minutes) => {
  await using refused = await startRefused(mismatch)
  expect(await callAt(minutes, refused)).toMatchObject(minutes.map(() => kept))
  await expectAlive(refused)
})

it('keeps the session after three answers over an hour while its access token works', async () => {
  await using refused = await startRefused(mismatch, { lifetimeMs: 4 * HOUR_MS })
  const { network, session } = refused
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(await refusalOf(session.refresh())).toMatchObject(kept)
    network.advance(HOUR_MS / 2)
  }
  expect(await call(session)).toBe(200)
  await expectAlive(refused)
})

it('keeps the session after three answers for two refresh tokens: another process has refreshed', async () => {
  await using refused = await startRefused(mismatch)
  const { network, startProcess } = refused
  await callAt([0, 30], refused)
  network.home.as.restore(TOKEN)
  expect(await call(await startProcess())).toBe(200)
  network.home.as.answer(TOKEN, mismatch)
  expect(await callAt([60], refused)).toMatchObject([kept])
  await expectAlive(refused)
})

it('counts anew after a refresh that worked', async () => {
  await using refused = await startRefused(expired)
  const { network, session } = refused
  await callAt([0, 30], refused)
  network.home.as.restore(TOKEN)
  expect(await call(session)).toBe(200)
  network.home.as.answer(TOKEN, expired)
  network.advance(HOUR_MS)
  expect(await callAt([0, 59], refused)).toMatchObject([kept, kept])
  expect(await callAt([1], refused)).toMatchObject([over])
})

it('keeps the session when the server failed between two such answers', async () => {
  await using refused = await startRefused(mismatch)
  const { network } = refused
  await callAt([0], refused)
  network.home.as.answerOnce(TOKEN, { status: 503, body: 'down' })
  expect(await callAt([30, 60], refused)).toMatchObject([kept, kept])
  await expectAlive(refused)
})

it.each([6_000, -6_000])(
  'keeps the session at a server whose clock differs by %i ms',
  async (serverSkewMs) => {
    await using refused = await startRefused(mismatch, { serverSkewMs })
    expect(await callAt([0, 30, 60, 90, 120], refused)).toMatchObject(Array(5).fill(kept))
    await expectAlive(refused)
  },
)

const page = { 'content-type': 'text/html' }
const others: readonly (readonly [string, Answer])[] = [
  [
    'the client metadata could not be fetched',
    says({ error: 'failed to get client: failed to fetch client metadata: 404' }),
  ],
  [
    'the client metadata could not be fetched, in other words',
    says({ error: 'InvalidRequest', message: 'failed to fetch client metadata' }),
  ],
  ['the client is refused', says({ error: 'invalid_client' })],
  ['the client is refused, in words', says({ error: '"client authentication method mismatch' })],
  ['the metadata are refused', says({ error: 'invalid_client_metadata' })],
  ['the client key is unknown', says({ error: 'InvalidRequest', message: 'unknown client key' })],
  ['the proof is refused', says({ error: 'invalid_dpop_proof' })],
  ['the proof is of another key', says({ error: 'dpop jkt mismatch' })],
  ['another nonce is wanted', says({ error: 'use_dpop_nonce' })],
  ['the clock is wrong, and nothing else is said', says({ error: 'InvalidRequest' })],
  ['the request is refused', says({ error: 'invalid_request' })],
  [
    'the words are in the description only',
    says({ error: 'invalid_request', error_description: 'Session expired' }),
  ],
  [
    'the words of pegasus are in the description only',
    says({ error: 'invalid_request', error_description: 'invalid refresh token' }),
  ],
  ['the words are part of a longer text', says({ error: 'Session expired soon' })],
  ['the words are a message', says({ error: 'InvalidRequest', message: 'Session expired' })],
  ['the words come as a page', { status: 400, headers: page, body: '{"error":"Session expired"}<p>' }],
  ['the words come as text', { status: 400, headers: page, body: 'Session expired' }],
  ['the words come as a list', { status: 400, body: '[{"error":"Session expired"}]' }],
  ['the words come with 401', says({ error: 'Session expired' }, 401)],
  ['the words come with 403', says({ error: '"client_id" mismatch' }, 403)],
  ['the words come with 429', says({ error: '"client_id" mismatch' }, 429)],
  ['the words come with 500', says({ error: 'Session expired' }, 500)],
  ['the words come with 503', says({ error: 'InvalidRequest', message: 'invalid refresh token' }, 503)],
]

it.each(others)('keeps the session for two hours in which %s', async (_, answer) => {
  await using refused = await startRefused(answer)
  const errors = await callAt([0, 20, 40, 60, 80, 100, 120], refused)
  expect(errors).toMatchObject(Array(7).fill(kept))
  await expectAlive(refused)
})
