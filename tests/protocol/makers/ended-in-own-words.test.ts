/**
 * Servers that refuse the refresh token of an ended session in words of their own instead of `invalid_grant`: the
 * session ends when they have said so three times over an hour, and by no other answer.
 */
import { expect, it } from 'vitest'
import { call, signInWarm, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { alter } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'
import {
  callAt,
  expectAlive,
  expired,
  HOUR_MS,
  kept,
  MINUTE_MS,
  mismatch,
  over,
  ownWords,
  says,
  startRefused,
  TOKEN,
} from './refused-refresh.ts'

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

it('keeps the session when another refusal came between: the count begins again', async () => {
  await using refused = await startRefused(expired)
  const { network } = refused
  await callAt([0, 30], refused)
  network.home.as.answerOnce(TOKEN, says({ error: 'InvalidRequest' }))
  expect(await callAt([10, 20, 30, 79], refused)).toMatchObject(Array(4).fill(kept))
  await expectAlive(refused)
})

it('keeps the session at a server that dates no answer, as its clock is not known', async () => {
  await using refused = await startRefused({ ...mismatch, headers: { date: 'today' } })
  expect(await callAt([0, 30, 60, 90], refused)).toMatchObject(Array(4).fill(kept))
  await expectAlive(refused)
})

it('ends the session on an application’s own store too, whichever process got the answers', async () => {
  await using refused = await startRefused(expired, { hasCustomStore: true })
  const { network, startProcess } = refused
  const outcomes: Error[] = []
  for (const waitMs of [0, HOUR_MS / 2, HOUR_MS / 2]) {
    network.advance(waitMs)
    outcomes.push(await refusalOf(call(await startProcess())))
  }
  expect(outcomes).toMatchObject([kept, kept, over])
})

it('keeps the session when the server did not say how long its access token lives', async () => {
  await using network = await startScriptedNetwork({ lifetimeMs: 4 * HOUR_MS })
  network.home.as.answer(TOKEN, async (_, usual) => alter(await usual(), { expires_in: undefined }))
  const { session } = await signInWarm(network)
  network.home.as.answer(TOKEN, mismatch)
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(await refusalOf(session.refresh())).toMatchObject(kept)
    network.advance(HOUR_MS / 2)
  }
  expect(await call(session)).toBe(200)
})
