/** What a finished callback leaves in the store, and who gets it: attackers who know the store, and one with the URL. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createFinishedFlows,
  FINISHED_TTL_S,
  type FinishedFlow,
} from '../../../../lib/next/limits/finished-flows.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'

const secrets = ['a secret of the tests, 0123456789 abcdef'] as const
const flow: FinishedFlow = { path: '/albums', sessionId: 'session-of-the-victim' }

const callbackOf = (state: string) => new URLSearchParams({ state, code: 'code', iss: 'https://as.host.dev' })

/** A store whose keys are known, and the flows of a client on it. */
function createWorld() {
  const memory = createMemoryStore({ now: () => 0 })
  const keys: string[] = []
  const set: typeof memory.set = (key, value, ttlMs) => {
    keys.push(key)
    return memory.set(key, value, ttlMs)
  }
  const store = { ...memory, set }
  const flowsOf = (clientId: string) => createFinishedFlows({ store, secrets, clientId })
  return { store, keys, flowsOf, flows: flowsOf('https://my-app.com/client.json') }
}

describe('the row of a finished callback', () => {
  it('gives its own callback the answer, and tells its session', async () => {
    const { flows } = createWorld()
    await flows.finish(callbackOf('one'), flow)
    expect(await flows.find(callbackOf('one'))).toMatchObject(flow)
    expect(await flows.sessionOf('one')).toBe(flow.sessionId)
  })

  it('gives nothing to another application on the same store with the same secret', async () => {
    const { flows, flowsOf } = createWorld()
    await flows.finish(callbackOf('one'), flow)
    const others = flowsOf('https://other-app.com/client.json')
    expect(await others.find(callbackOf('one'))).toBeUndefined()
    expect(await others.sessionOf('one')).toBeUndefined()
  })

  it('gives nothing where an attacker who can write to the store has moved it under a state of their own', async () => {
    const { flows, keys, store } = createWorld()
    await flows.finish(callbackOf('of the victim'), flow)
    await flows.finish(callbackOf('of the attacker'), { path: '/' })
    const [victims = '', attackers = ''] = keys
    const row = await store.get(victims)
    await store.set(attackers, row?.value ?? '', 60_000)
    expect(await flows.find(callbackOf('of the attacker'))).toBeUndefined()
    expect(await flows.sessionOf('of the attacker')).toBeUndefined()
    expect(await flows.sessionOf('of the victim')).toBe(flow.sessionId)
  })

  it('gives nothing after ten minutes, also while the store still has it', async () => {
    const { flows, keys, store } = createWorld()
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    await flows.finish(callbackOf('one'), flow)
    vi.setSystemTime(Date.now() + FINISHED_TTL_S * 1_000)
    expect(await store.get(keys[0] ?? '')).toBeDefined()
    expect(await flows.find(callbackOf('one'))).toBeUndefined()
    expect(await flows.sessionOf('one')).toBeUndefined()
  })
})

it('a thousand requests that repeat a callback under way ask the store no more often than one', async () => {
  const { store, flows } = createWorld()
  const asked = [vi.spyOn(store, 'get'), vi.spyOn(store, 'lease')]
  const turn = await flows.begin('one')
  const waits = Array.from({ length: 1_000 }, () => flows.find(callbackOf('one')))
  // With parameters of an attacker.
  const foreign = flows.find(
    new URLSearchParams({ state: 'one', code: 'stolen', iss: 'https://as.host.dev' }),
  )
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(asked.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThan(20)
  await flows.finish(callbackOf('one'), flow)
  expect(turn).toBeDefined()
  for (const found of await Promise.all(waits)) expect(found).toMatchObject(flow)
  expect(await foreign).toBeUndefined()
})
