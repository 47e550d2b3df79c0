/** Attacks on the flow of a connection: replayed, altered, exchanged, or finished as something else. */

import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { type FlowKind, sealFlowCookie } from '../../../lib/web/flow-cookie.ts'
import { lastingCookies } from '../../support/browser.ts'
import {
  approve,
  become,
  comeBack,
  createConnectingApp,
  expectNothingLinked,
  flowCookieOf,
  hasSessionCookie,
} from '../../support/protocol/connecting-app.ts'
import { ORIGIN, SECRET, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const STATE_MISMATCH = '/oauth/login?error=state_mismatch'

describe('a callback', () => {
  it('CB-1 that is replayed links nothing twice, with or without its cookie', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    const copy = app.visit(new Map(visitor.jar))
    const first = await comeBack(visitor, callback)
    expect(await comeBack(visitor, callback)).toBe(first)
    expect(await comeBack(copy, callback)).toBe(first)
    expect(await comeBack(app.visitAs('ann'), callback)).toBe(STATE_MISMATCH)
    expect(app.connections).toHaveLength(1)
  })

  it('CB-8 that is prefetched links nothing, and can still be finished', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    const headers = { cookie: visitor.header(), 'sec-purpose': 'prefetch' }
    const ahead = await app.auth.handlers.GET(new Request(ORIGIN + callback, { headers }))
    expect([ahead.status, app.connections]).toEqual([204, []])
    await comeBack(visitor, callback)
    expect(app.connections).toHaveLength(1)
  })
})

describe('the link of a flow under way', () => {
  it('is not changed by any altered character of the flow cookie', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    const [name, value] = flowCookieOf(visitor)
    for (let at = 0; at < value.length; at += 17) {
      const mutant = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
      const other = app.visitAs('ann')
      other.jar.set(name, mutant)
      expect(await comeBack(other, callback)).toBe(STATE_MISMATCH)
    }
    await expectNothingLinked(app, network)
  })

  it('cannot be exchanged for that of another flow, by cookie or by row', async () => {
    await using network = await startScriptedNetwork()
    const memory = createMemoryStore()
    const rows: string[] = []
    const set: typeof memory.set = (key, value, ttlMs) => {
      if (key.startsWith('state:')) rows.push(key)
      return memory.set(key, value, ttlMs)
    }
    const app = createConnectingApp(network, { store: { ...memory, set } })
    const [ann, mallory] = [app.visitAs('ann'), app.visitAs('mallory')]
    const [mine, theirs] = [await app.begin(ann, alice), await app.begin(mallory, bob)]
    const [[annsName], [, mallorysValue]] = [flowCookieOf(ann), flowCookieOf(mallory)]
    const tossed = app.visitAs('ann')
    tossed.jar.set(annsName, mallorysValue)
    expect(await comeBack(tossed, mine.callback)).toBe(STATE_MISMATCH)

    const [first = '', second = ''] = rows
    const [annsRow, mallorysRow] = [await memory.get(first), await memory.get(second)]
    await memory.set(first, mallorysRow?.value ?? '', 60_000)
    await memory.set(second, annsRow?.value ?? '', 60_000)
    expect(await comeBack(ann, mine.callback)).toBe('/oauth/login?error=state_unknown')
    expect(await comeBack(mallory, theirs.callback)).toBe('/oauth/login?error=state_unknown')
    await expectNothingLinked(app, network)
  })
})

describe('a flow does not change its kind', () => {
  /** The browser gets a flow cookie of that kind, sealed with the application’s own secret, in place of its own. */
  async function retype(visitor: Visitor, callback: string, kind: FlowKind): Promise<void> {
    const state = new URL(callback, ORIGIN).searchParams.get('state') ?? ''
    const [name] = flowCookieOf(visitor)
    visitor.jar.set(name, await sealFlowCookie(state, [SECRET], kind))
  }

  it('CB-2 a connection never ends as a sign-in', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    await retype(visitor, callback, 'sign_in')
    expect(await comeBack(visitor, callback)).toBe(STATE_MISMATCH)
    expect(hasSessionCookie(visitor)).toBe(false)
    await expectNothingLinked(app, network)
  })

  it('CB-2 a sign-in never ends as a connection', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const begun = await visitor.post('/oauth/login', { identifier: alice.handle })
    const callback = approve(network, begun.headers.get('location') ?? '', alice.did)
    await retype(visitor, callback, 'connection')
    expect(await comeBack(visitor, callback)).toBe(STATE_MISMATCH)
    expect(hasSessionCookie(visitor)).toBe(false)
    await expectNothingLinked(app, network)
  })

  it('a sign-in and a connection that one browser has begun at once end as what they began', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const begun = await visitor.post('/oauth/login', { identifier: bob.handle })
    const { callback } = await app.begin(visitor, alice)
    await comeBack(visitor, callback)
    expect([app.connections.length, hasSessionCookie(visitor)]).toEqual([1, false])
    await comeBack(visitor, approve(network, begun.headers.get('location') ?? '', bob.did))
    expect([app.connections.length, await visitor.whoIsSignedIn()]).toEqual([1, bob.did])
  })
})

it('session fixation: the session of a connection is a new one, whatever cookies the browser sends', async () => {
  await using network = await startScriptedNetwork()
  const app = createConnectingApp(network)
  const mallory = app.visit()
  await mallory.signIn(bob)
  const victim = app.visit(mallory.jar)
  become(victim, 'ann')
  const planted = new Map(victim.jar)
  const { sessionId } = await app.connectAccount(victim, alice)
  expect(lastingCookies(victim.jar)).toEqual(lastingCookies(planted))
  expect(await mallory.whoIsSignedIn()).toBe(bob.did)
  const known = await mallory.run(async (auth) => (await auth.getSession())?.id)
  expect(sessionId).not.toBe(known)
})
