/** How often a request asks the store: with Redis or a REST store, each time is a round trip. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AtprotoAuth } from '../../../lib/next/auth.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp } from '../../support/protocol/next-app.ts'
import { alice, bob, crowd, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const people = [alice, bob, ...crowd]

/** A store that notes the name of each method when it is called. */
function createNotedStore() {
  const calls: string[] = []
  const store: Store = new Proxy(createMemoryStore(), {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(method, target, args)
      }
    },
  })
  return { store, calls }
}

/** What the store is asked in one request of a browser with so many accounts. */
async function callsIn(accounts: number, work: (auth: AtprotoAuth) => Promise<unknown>) {
  await using network = await startScriptedNetwork()
  const { store, calls } = createNotedStore()
  const visitor = createNextApp(network, { store }).visit()
  for (const person of people.slice(0, accounts)) await visitor.signIn(person)
  const askedIn = async () => {
    calls.length = 0
    await visitor.run(work, { phase: 'render' })
    return [...calls]
  }
  // The memory of a process, which the first request fills, saves no read.
  const [first, second] = [await askedIn(), await askedIn()]
  expect(second).toEqual(first)
  return first
}

const reads = (count: number) => Array.from({ length: count }, () => 'get')

describe.each([1, 4])('a request of a browser with %i accounts', (accounts) => {
  it('reads the store once for getSession', async () => {
    expect(await callsIn(accounts, (auth) => auth.getSession())).toEqual(reads(1))
  })

  it('reads it once for all that call getSession, at the same time or later', async () => {
    const work = async (auth: AtprotoAuth) => {
      await Promise.all([auth.getSession(), auth.getSession()])
      await auth.getSession()
    }
    expect(await callsIn(accounts, work)).toEqual(reads(1))
  })

  it('reads each row again for getSessionStatus and listAccounts, which tell what is so now', async () => {
    const work = (auth: AtprotoAuth) =>
      Promise.all([auth.getSessionStatus(), auth.listAccounts(), auth.getSession()])
    expect(await callsIn(accounts, work)).toEqual(reads(2 + accounts))
  })
})

describe('a request without a session', () => {
  it('asks the store nothing', async () => {
    const work = (auth: AtprotoAuth) =>
      Promise.all([auth.getSessionStatus(), auth.listAccounts(), auth.getSession()])
    expect(await callsIn(0, work)).toEqual([])
  })
})

/** What the store is asked in a sign-in, and then in a call whose token has ended. */
async function callsInSignInAndRefresh() {
  await using network = await startScriptedNetwork({ lifetimeMs: 1_000 })
  const { store, calls } = createNotedStore()
  const visitor = createNextApp(network, { store }).visit()
  await visitor.signIn(alice)
  const signIn = calls.splice(0)
  await sleep(1_100)
  await visitor.run(async (auth) => (await auth.requireSession()).get('com.atproto.server.getSession'))
  return { signIn, refresh: calls.splice(0) }
}

// docs/operations.md has both numbers: hosts of REST stores charge for each request.
it('a sign-in asks the store fifteen times, and a call whose token has ended ten times', async () => {
  const { signIn, refresh } = await callsInSignInAndRefresh()
  const limits = ['increment', 'increment']
  const remembered = ['get', 'get', 'set', 'set', 'get', 'set']
  const callback = ['lease', 'take', 'set', 'addMember', 'set', 'set']
  expect(signIn.sort()).toEqual([...limits, ...remembered, 'set', ...callback].sort())
  const locked = ['lease', 'get', 'set', 'update', 'lease', 'update', 'release']
  expect(refresh.sort()).toEqual(['get', ...locked, 'get', 'set'].sort())
})
