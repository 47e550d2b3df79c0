/** What an application is told through the options of createAtprotoAuth. */
import type { ErrorEvent, SessionRefreshedEvent, SignInEvent, SignOutEvent } from 'next-atproto-auth'
import { expect, it, onTestFinished, vi } from 'vitest'
import { TokenRevokedError } from '../../../lib/errors.ts'
import type { SessionLostEvent } from '../../../lib/next/events/hooks.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, SECRET } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'
import { withoutReference } from '../../support/protocol/without-reference.ts'
import { refusalOf } from '../../support/refusal.ts'

/** An application that remembers what it was told. */
function createListeningApp(network: ScriptedNetwork) {
  const told = {
    signIns: [] as SignInEvent[],
    signOuts: [] as SignOutEvent[],
    refreshed: [] as SessionRefreshedEvent[],
    lost: [] as SessionLostEvent[],
    errors: [] as ErrorEvent[],
    lines: [] as string[],
  }
  const app = createNextApp(network, {
    onSignIn: (event) => told.signIns.push(event),
    onSignOut: (event) => told.signOuts.push(event),
    onSessionRefreshed: (event) => told.refreshed.push(event),
    onSessionLost: (event) => told.lost.push(event),
    onError: (event) => told.errors.push(event),
    logger: { warn: (line) => told.lines.push(line), error: (line) => told.lines.push(line) },
  })
  return { app, told }
}

it('tells of a sign-in before the browser goes on, with a session that works', async () => {
  await using network = await startScriptedNetwork()
  const order: string[] = []
  const users = new Map<string, string>()
  const app = createNextApp(network, {
    async onSignIn({ did, session, returnTo }) {
      users.set(did, (await session.getHandle()) ?? '')
      order.push(`told, then to ${returnTo}`)
    },
  })
  const answer = await app.visit().signIn(alice)
  order.push(`sent to ${answer.headers.get('location')}`)
  expect(order).toEqual(['told, then to /', 'sent to /'])
  expect([...users]).toEqual([[alice.did, alice.handle]])
})

it('a hook onSignIn that throws keeps the account out, whose session is ended', async () => {
  await using network = await startScriptedNetwork()
  const lines: string[] = []
  const app = createNextApp(network, {
    logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) },
    onSignIn({ did }) {
      if (did === alice.did) throw new Error('the beta is closed')
    },
  })
  const visitor = app.visit()
  const answer = await visitor.signIn(alice)
  expect(withoutReference(answer.headers.get('location'))).toBe('/oauth/login?error=sign_in_refused')
  expect(await visitor.whoIsSignedIn()).toBeUndefined()
  expect(network.home.as.grants.counts.revocations).toBe(1)
  expect(await (await visitor.get('/oauth/login?error=sign_in_refused')).text()).toContain(
    'did not let that account sign in',
  )
  expect(lines.join('\n')).toMatch(/A hook threw: Error: the beta is closed/)
  await visitor.signIn(bob)
  expect(await visitor.whoIsSignedIn()).toBe(bob.did)
})

it('tells of each sign-out once, by route and by action, here and everywhere', async () => {
  await using network = await startScriptedNetwork()
  const { app, told } = createListeningApp(network)
  const visitor = app.visit()
  for (const person of [alice, bob]) await visitor.signIn(person)
  await visitor.post('/oauth/logout')
  await visitor.run((auth) => auth.signOutEverywhere())
  await visitor.post('/oauth/logout')
  expect(told.signOuts).toEqual([
    { did: bob.did, everywhere: false },
    { did: alice.did, everywhere: true },
  ])
  expect([told.lost, told.errors]).toEqual([[], []])
})

it('tells of a sign-out of another device, once, and of none where nothing was ended', async () => {
  await using network = await startScriptedNetwork()
  const { app, told } = createListeningApp(network)
  const [here, there] = [app.visit(), app.visit()]
  await here.signIn(alice)
  await there.signIn(alice)
  const devices = await here.run((auth) => auth.listDevices())
  const other = devices.find(({ isCurrent }) => !isCurrent)?.deviceId ?? ''
  await here.run((auth) => auth.revokeDevice(other))
  expect(told.signOuts).toEqual([{ did: alice.did, everywhere: false }])
  await here.run((auth) => auth.revokeDevice(other))
  expect(await here.run((auth) => auth.revokeDevice('nothing'))).toBe(false)
  expect(told.signOuts).toHaveLength(1)
  expect([await here.whoIsSignedIn(), await there.whoIsSignedIn()]).toEqual([alice.did, undefined])
  expect(told.lost).toEqual([])
})

it('a hook onSignOut that throws keeps nobody in', async () => {
  await using network = await startScriptedNetwork()
  const errors: ErrorEvent[] = []
  const app = createNextApp(network, {
    onSignOut: () => Promise.reject(new Error('database')),
    onError: (event) => errors.push(event),
    logger: { warn() {}, error() {} },
  })
  const visitor = app.visit()
  await visitor.signIn(alice)
  expect((await visitor.post('/oauth/logout')).status).toBe(303)
  expect(await visitor.whoIsSignedIn()).toBeUndefined()
  expect(errors).toMatchObject([
    { activity: 'hook', error: expect.objectContaining({ message: 'database' }) },
  ])
})

it('tells of renewed tokens, not of those that a sign-in brought, and shows none', async () => {
  await using network = await startScriptedNetwork()
  const { app, told } = createListeningApp(network)
  await app.visit().signIn(alice)
  const session = await app.auth.restore(alice.did)
  expect(told.refreshed).toEqual([])
  await session.refresh()
  await vi.waitFor(() => expect(told.refreshed).toHaveLength(1))
  expect(told.refreshed).toEqual([{ did: alice.did, expiresAt: expect.any(Date) }])
})

it('tells of a session that its server ended, with the reason', async () => {
  await using network = await startScriptedNetwork()
  const { app, told } = createListeningApp(network)
  await app.visit().signIn(alice)
  const { grants } = network.home.as
  grants.revoke(grants.all[0]?.refreshToken ?? '')
  const session = await app.auth.restore(alice.did)
  expect(await refusalOf(session.refresh())).toMatchObject({ code: 'session_ended', reason: 'revoked' })
  await vi.waitFor(() => expect(told.lost).toHaveLength(1))
  const [{ did, cause } = {}] = told.lost
  expect([did, cause?.reason]).toEqual([alice.did, 'revoked'])
  expect(cause).toBeInstanceOf(TokenRevokedError)
})

it('tells of failures and writes them to the logger, and a logger or hook that throws breaks no sign-in', async () => {
  await using network = await startScriptedNetwork()
  const { app, told } = createListeningApp(network)
  await app.visit().post('/oauth/login', { identifier: 'nobody.test' })
  expect(told.errors).toMatchObject([
    { activity: 'sign_in', error: expect.objectContaining({ code: 'identity_not_found' }) },
  ])
  expect(told.lines).toContainEqual(expect.stringMatching(/^Sign-in could not start: identity_not_found: /))

  const spies = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')].map((spy) =>
    spy.mockImplementation(() => {}),
  )
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore()
  })
  const broken = () => {
    throw new Error('broken')
  }
  const brittle = createNextApp(network, { logger: { warn: broken, error: broken }, onError: broken })
  const answer = await brittle.visit().post('/oauth/login', { identifier: 'nobody.test' })
  expect(answer.headers.get('location')).toContain('error=identity_not_found')
})

it('restores a session for a job, outside of any request', async () => {
  await using network = await startScriptedNetwork()
  const app = createNextApp(network)
  await app.visit().signIn(alice)
  const session = await app.auth.restore(alice.did)
  expect((await app.auth.restore(alice.did, { sessionId: session.id })).id).toBe(session.id)
  expect((await (await app.auth.client()).listSessions(alice.did)).length).toBe(1)
  expect(await refusalOf(app.auth.restore(bob.did))).toMatchObject({ code: 'session_ended' })
})

const origins = (port: number) => ({ publicUrl: `http://127.0.0.1:${port}` })

it.each([
  ['scope', origins(4101), { scope: 'atproto repo:a.b.c' }],
  ['basePath', origins(4102), { basePath: '/auth' }],
  ['secret', origins(4103), { secret: 'dR2_yHk8Ns-0WqLx5VbT.uGm7EzPc1Aj' }],
])('two instances at one address that differ in %s are warned of', async (name, address, difference) => {
  await using network = await startScriptedNetwork()
  const lines: string[] = []
  const logger = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
  const one = createNextApp(network, { ...address, logger })
  const two = createNextApp(network, { ...address, ...difference, logger })
  for (const { auth } of [one, two, one, two]) await auth.client()
  const told = lines.filter((line) => line.startsWith('Two createAtprotoAuth()'))
  expect(told).toEqual([expect.stringContaining(`${address.publicUrl} differ in ${name}.`)])
  expect(lines.join()).not.toContain(SECRET)
})

it('two instances at one address that agree are one application, whatever else they do', async () => {
  await using network = await startScriptedNetwork()
  const lines: string[] = []
  const logger = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
  const shared = { ...origins(4104), store: createMemoryStore(), logger }
  const one = createNextApp(network, shared)
  const two = createNextApp(network, { ...shared, afterSignIn: '/two', signInPage: '/sign-in' })
  const visitor = one.visit()
  await visitor.signIn(alice)
  expect(await two.visit(visitor.jar).whoIsSignedIn()).toBe(alice.did)
  expect(lines.filter((line) => line.startsWith('Two createAtprotoAuth()'))).toEqual([])
})

it('two instances in one process are two: neither configuration nor sessions are shared', async () => {
  await using network = await startScriptedNetwork()
  const one = createNextApp(network, { publicUrl: 'http://127.0.0.1:3000' })
  const two = createNextApp(network, { publicUrl: 'http://127.0.0.1:3001', scope: 'atproto' })
  const broken = createNextApp(network, { publicUrl: 'ftp://x', logger: { warn() {}, error() {} } })
  expect((await broken.visit().get('/oauth/login')).status).toBe(500)
  const visitor = one.visit()
  await visitor.signIn(alice)
  expect(await visitor.whoIsSignedIn()).toBe(alice.did)
  const clients = await Promise.all([one.auth.client(), two.auth.client()])
  const [first, second] = clients.map(({ clientMetadata }) => clientMetadata.scope)
  expect([first, second]).toEqual([expect.stringContaining('atproto'), 'atproto'])
  expect(await two.visit(visitor.jar).whoIsSignedIn()).toBeUndefined()
  expect(await refusalOf(two.auth.restore(alice.did))).toMatchObject({ code: 'session_ended' })
})
