/** `timeoutMs` of `session.get` and `session.post`: a call ends with `timeout` wherever it is, and the session is kept. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OAuthSession } from 'next-atproto-auth/oauth'
import { describe, expect, it } from 'vitest'
import { call, signInWarm, startExpired, tokenRequests } from '../../support/protocol/scripted-client.ts'
import { type ScriptedNetwork, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import type { Answer, Script } from '../../support/protocol/scripted-server.ts'
import { refusalOf } from '../../support/refusal.ts'

const NSID = 'com.example.slow'
const PATH = `/xrpc/${NSID}`
/** Longer than any deadline here. */
const late: Script = async () => {
  await sleep(2_000)
  return { json: {} }
}
/** An answer whose last bytes never come. */
const cutShort = (status: number): Answer => ({
  status,
  body: '{"error":"Slow"',
  headers: { 'content-type': 'application/json', 'content-length': '1000' },
})
const calls = {
  get: (session: OAuthSession) => session.get(NSID, { timeoutMs: 100 }),
  post: (session: OAuthSession) => session.post(NSID, { timeoutMs: 100, body: { a: 1 } }),
  withProxy: (session: OAuthSession) =>
    session.withProxy('did:web:api.example.com#appview').get(NSID, { timeoutMs: 100 }),
}

async function expectTimeout(network: ScriptedNetwork, operation: Promise<unknown>): Promise<void> {
  const error = await refusalOf(operation)
  expect(error).toMatchObject({ name: 'AtprotoAuthError', code: 'timeout', retryable: true })
  expect(error).toMatchObject({ endpoint: `${network.home.pds.origin}${PATH}`, status: undefined })
  expect(error.message).toBe(`${NSID} was not answered completely within 100 ms.`)
}

describe.each(Object.entries(calls))('%s', (_, slowCall) => {
  it('ends with `timeout` when nothing comes in time', async () => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(PATH, late)
    await expectTimeout(network, slowCall(session))
    expect(network.sent(PATH)).toHaveLength(1)
    expect(await call(session)).toBe(200)
  })

  it.each([200, 400])('ends with `timeout` when an answer of status %i breaks off', async (status) => {
    await using network = await startScriptedNetwork()
    const { session } = await signInWarm(network)
    network.home.pds.answer(PATH, cutShort(status))
    await expectTimeout(network, slowCall(session))
    expect(await call(session)).toBe(200)
  })

  it('ends with `timeout` while tokens are refreshed; the refresh goes on and is stored', async () => {
    const { network, session, restore } = await startExpired()
    await using _network = network
    network.home.as.answer('/oauth/token', async (_request, usual) => {
      await sleep(1_000)
      return usual()
    })
    await expectTimeout(network, slowCall(session))
    expect(network.sent(PATH)).toEqual([])
    expect(await call(session)).toBe(200)
    expect(await call(await restore())).toBe(200)
    expect(tokenRequests(network, 'refresh_token')).toHaveLength(1)
  })
})

it('an answer in time is not touched', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(PATH, { json: { a: 1 } })
  expect((await session.get(NSID, { timeoutMs: 60_000 })).data).toEqual({ a: 1 })
})

it('the caller’s own signal ends the call with its own reason, also beside a time limit', async () => {
  await using network = await startScriptedNetwork()
  const { session } = await signInWarm(network)
  network.home.pds.answer(PATH, late)
  const controller = new AbortController()
  const reason = new Error('the caller left')
  const outcome = refusalOf(session.get(NSID, { signal: controller.signal, timeoutMs: 60_000 }))
  controller.abort(reason)
  expect(await outcome).toBe(reason)
  const own = refusalOf(session.get(NSID, { signal: AbortSignal.timeout(50), timeoutMs: 60_000 }))
  expect(await own).toMatchObject({ name: 'TimeoutError' })
})
