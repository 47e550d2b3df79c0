/** Attacks on `auth.connect()` by people: each ends with nothing linked, no live token and no row. */
import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import type { ConnectOptions } from '../../../lib/next/events/hooks.ts'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import {
  approve,
  become,
  comeBack,
  createConnectingApp,
  expectNothingLinked,
  flowCookieOf,
} from '../../support/protocol/connecting-app.ts'
import { alice, bob, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const USER_MISMATCH = '/settings?tab=accounts&error=user_mismatch#bluesky'
const CONNECT_FAILED = '/settings?tab=accounts&error=connect_failed#bluesky'
const CONNECT_REFUSED = '/settings?tab=accounts&error=connect_refused#bluesky'
const STATE_MISMATCH = '/oauth/login?error=state_mismatch'

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
    expect(app.lines.filter((line) => line.includes('ann'))).toEqual([])
    expect(app.lines.at(-1)).toMatch(
      /^A connection could not be finished: user_mismatch: The [^(:]*[.] \(reference=\w+\)$/,
    )
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

  it.each<[string, unknown]>([
    ['a list of them', ['ann']],
    ['an object that reads like them', { toString: () => 'ann' }],
    ['a text that looks like them', 'ann\u200b'],
    ['them in other letters', 'ANN'],
  ])('is not taken for the one of the link when currentUser returns %s', async (_, value) => {
    await using network = await startScriptedNetwork()
    const told: unknown[] = []
    const users = ['ann', value]
    const app = createConnectingApp(network, {
      connect: {
        currentUser: () => users.shift() as string,
        onConnected: (event) => told.push(event),
      },
    })
    const visitor = app.visitAs('ann')
    const { callback } = await app.begin(visitor, alice)
    expect(await comeBack(visitor, callback)).toBe(USER_MISMATCH)
    expect(told).toEqual([])
    await expectNothingLinked(app, network)
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
    expect(await comeBack(visitor, callback)).toBe(CONNECT_FAILED)
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
  expect(await comeBack(visitor, callback)).toBe(CONNECT_FAILED)
  expect(app.lines.join('\n')).toContain('A hook threw: Error: the table is full')
  expect(network.home.as.grants.counts.revocations).toBe(1)
  await expectNothingLinked(app, network)
})

it('an application that refuses the account gets no connection, and its log the reason', async () => {
  await using network = await startScriptedNetwork()
  const onConnected = () => {
    throw new AtprotoAuthError('connect_refused', 'The permission to post was deselected.')
  }
  const app = createConnectingApp(network, { connect: { currentUser: () => 'ann', onConnected } })
  const visitor = app.visitAs('ann')
  const { callback } = await app.begin(visitor, alice)
  expect(await comeBack(visitor, callback)).toBe(CONNECT_REFUSED)
  expect(app.lines).toEqual([
    expect.stringMatching(
      /^A connection could not be finished: connect_refused: onConnected refused; nothing was connected\. The permission to post was deselected\. \(/,
    ),
  ])
  expect(network.home.as.grants.counts.revocations).toBe(1)
  await expectNothingLinked(app, network)
})

it('an application whose onConnected throws what it was given gets no session id into the log', async () => {
  await using network = await startScriptedNetwork()
  const told: string[] = []
  const app = createConnectingApp(network, {
    connect: {
      currentUser: () => 'ann',
      onConnected({ sessionId }) {
        told.push(sessionId)
        // As drivers of databases report a failed query.
        throw new Error(`insert into connection values ($1, $2); params: ann,${sessionId}`)
      },
    },
  })
  const visitor = app.visitAs('ann')
  await comeBack(visitor, (await app.begin(visitor, alice)).callback)
  expect(told).toHaveLength(1)
  expect(app.lines.join('\n')).toContain('params: ann,[redacted]')
  expect(app.lines.join('\n')).not.toContain(told[0])
})

function raise(): never {
  throw new Error('the table is full')
}
