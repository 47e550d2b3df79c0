/** Attacks on `auth.connect()`: each ends with nothing linked, no live token and no row. */
import { describe, expect, it } from 'vitest'
import type { ConnectOptions } from '../../../lib/next/events/hooks.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import type { FlowKind } from '../../../lib/web/flow-cookie.ts'
import { sealFlowCookie } from '../../../lib/web/flow-cookie.ts'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import {
  approve,
  become,
  comeBack,
  createConnectingApp,
  hasSessionCookie,
} from '../../support/protocol/connecting-app.ts'
import { ORIGIN, SECRET, type Visitor } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'

type App = ReturnType<typeof createConnectingApp>

const USER_MISMATCH = '/settings?tab=accounts&error=user_mismatch#bluesky'
const CONNECT_REFUSED = '/settings?tab=accounts&error=connect_refused#bluesky'
const STATE_MISMATCH = '/oauth/login?error=state_mismatch'

/** The application was told nothing, the store has no session of these accounts, and no token works. */
async function expectNothingLinked(app: App, network: ScriptedNetwork): Promise<void> {
  expect(app.connections).toEqual([])
  const client = await app.auth.client()
  for (const { did } of [alice, bob]) expect(await client.listSessions(did)).toEqual([])
  expect(network.home.as.grants.all.filter(({ alive }) => alive)).toEqual([])
}

const flowCookieOf = ({ jar }: Visitor) => [...jar].find(([name]) => name.includes('-flow-')) ?? ['', '']

describe('somebody connects the account of a stranger to themselves', () => {
  it('CB-2 by sending the stranger to the server: the consent comes back in a browser that began nothing', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { callback } = await app.begin(app.visitAs('mallory'), alice)
    expect(await comeBack(app.visitAs('ann'), callback)).toBe(STATE_MISMATCH)
    await expectNothingLinked(app, network)
  })

  it('by planting their flow cookie with it: the user there is another one', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const mallory = app.visitAs('mallory')
    const { callback } = await app.begin(mallory, alice)
    const victim = app.visitAs('ann')
    victim.jar.set(...flowCookieOf(mallory))
    expect(await comeBack(victim, callback)).toBe(USER_MISMATCH)
    await expectNothingLinked(app, network)
  })
})

describe('somebody connects their own account to a stranger', () => {
  it('CB-2 by making the stranger open the callback URL', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const mallory = app.visitAs('mallory')
    const { callback } = await app.begin(mallory, bob)
    expect(await comeBack(app.visitAs('ann'), callback)).toBe(STATE_MISMATCH)
    // The code was not used: the browser that began can still finish.
    await comeBack(mallory, callback)
    expect(app.connections).toEqual([{ did: bob.did, sessionId: expect.any(String), link: 'mallory' }])
  })

  it('by naming the stranger when they begin', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { location } = await app.connect(app.visitAs('mallory'), bob.handle, { link: 'ann' })
    expect(location).toContain('error=user_mismatch&')
    expect(network.requests).toEqual([])
  })

  it('by a field of a form: the login route knows no link', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const victim = app.visitAs('ann')
    const begun = await victim.post('/oauth/login', { identifier: bob.handle, link: 'ann', connect: 'ann' })
    const callback = approve(network, begun.headers.get('location') ?? '', bob.did)
    expect(await comeBack(victim, callback)).toBe('/')
    expect(app.connections).toEqual([])
  })
})

describe('the user of the application', () => {
  it.each([
    ['is another one meanwhile', 'bea'],
    ['has signed out meanwhile', undefined],
    ['has a name that begins alike', 'ann2'],
  ])('%s: nothing is linked', async (_, user) => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    become(visitor, user)
    expect(await comeBack(visitor, callback)).toBe(USER_MISMATCH)
    expect(signInErrorMessage('user_mismatch')).toMatch('The account was not connected')
    await expectNothingLinked(app, network)
    // Not even when the right user tries it again.
    become(visitor, 'ann')
    expect(await comeBack(visitor, callback)).toBe(STATE_MISMATCH)
    await expectNothingLinked(app, network)
  })

  it('is nobody at the start: nothing begins', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const { location } = await app.connect(app.visit(), alice.handle, { link: 'ann' })
    expect(location).toContain('error=user_mismatch&')
    expect(network.requests).toEqual([])
  })

  it.each<[string, () => string | null | undefined]>([
    ['null', () => null],
    ['an empty text', () => ''],
  ])('is nobody when currentUser returns %s, whatever the link', async (_, currentUser) => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network, { connect: { currentUser, onConnected: () => undefined } })
    const { location } = await app.connect(app.visit(), alice.handle, { link: 'null' })
    expect(location).toContain('error=user_mismatch&')
  })

  it('cannot be told at the callback because currentUser throws: nothing is linked', async () => {
    await using network = await startScriptedNetwork()
    let asked = 0
    const told: unknown[] = []
    const app = createConnectingApp(network, {
      connect: {
        currentUser() {
          asked += 1
          if (asked > 1) throw new Error('the database is down')
          return 'ann'
        },
        onConnected: (event) => told.push(event),
      },
    })
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    expect(await comeBack(visitor, callback)).toBe(CONNECT_REFUSED)
    expect(told).toEqual([])
    expect(app.lines.join('\n')).toContain('A hook threw: Error: the database is down')
    await expectNothingLinked(app, network)
  })
})

it.each<[string, ConnectOptions['onConnected']]>([
  ['throws', () => raise()],
  ['rejects', async () => raise()],
])('an application whose onConnected %s gets no connection', async (_, onConnected) => {
  await using network = await startScriptedNetwork()
  const app = createConnectingApp(network, { connect: { currentUser: () => 'ann', onConnected } })
  const visitor = app.visitAs('ann')
  const { callback } = await app.begin(visitor, alice)
  expect(await comeBack(visitor, callback)).toBe(CONNECT_REFUSED)
  expect(app.lines.join('\n')).toContain('A hook threw: Error: the table is full')
  expect(network.home.as.grants.counts.revocations).toBe(1)
  await expectNothingLinked(app, network)
})

function raise(): never {
  throw new Error('the table is full')
}

describe('a callback', () => {
  it('CB-1 that is replayed links nothing twice, with or without its cookie', async () => {
    await using network = await startScriptedNetwork()
    const app = createConnectingApp(network)
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    const copy = app.visit(new Map(visitor.jar))
    await comeBack(visitor, callback)
    expect(await comeBack(visitor, callback)).toBe(STATE_MISMATCH)
    expect(await comeBack(copy, callback)).toBe('/oauth/login?error=state_unknown')
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
  expect(victim.jar).toEqual(planted)
  expect(await mallory.whoIsSignedIn()).toBe(bob.did)
  const known = await mallory.run(async (auth) => (await auth.getSession())?.id)
  expect(sessionId).not.toBe(known)
})
