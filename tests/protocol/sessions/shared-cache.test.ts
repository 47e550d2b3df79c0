/** What processes leave each other of what servers said: it saves requests, and nothing else hangs on it. */
import { type InternalStateData, OAuthClient, type Session, type SimpleStore } from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store } from '../../../lib/store/contract.ts'
import {
  CALL,
  COLD,
  createSharedStore,
  DOCUMENT,
  inRounds,
  PAR,
  RESOLVE,
  RESOURCE,
  TOKEN,
} from '../../support/protocol/rounds.ts'
import {
  approveSignIn,
  call,
  createScriptedClient,
  signInWarm,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

/** A network with a session of alice, whose process has left everything it learnt in the store. */
async function startWarm() {
  const network = await startScriptedNetwork()
  const shared = createSharedStore(network)
  const { session } = await signInWarm(network, { store: shared.store })
  await shared.holdsServerRows(4)
  const startProcess = () => createScriptedClient(network, { store: shared.store })
  const restoreAnew = () => startProcess().restore(session.did, false, { sessionId: session.id })
  const stop = () => network[Symbol.asyncDispose]()
  return { network, shared, startProcess, restoreAnew, [Symbol.asyncDispose]: stop }
}

/** A store that loses what servers said. */
function withoutShelf(store: Store, trouble: () => Promise<never>): Store {
  const isShelf = (key: string) => key.startsWith('server:')
  return {
    ...store,
    get: (key) => (isShelf(key) ? trouble() : store.get(key)),
    set: (key, value, ttlMs) => (isShelf(key) ? trouble() : store.set(key, value, ttlMs)),
  }
}

const troubles: readonly [string, () => Promise<never>][] = [
  ['fails', () => Promise.reject(new StoreUnavailableError('down'))],
  ['fails in a way of its own', () => Promise.reject('down')],
  [
    'throws',
    () => {
      throw new TypeError('a bug of the driver')
    },
  ],
  ['never answers', () => new Promise(() => undefined)],
]
it.each(troubles)('costs requests only, when the store %s', async (_, trouble) => {
  await using network = await startScriptedNetwork()
  const store = withoutShelf(createSharedStore(network).store, trouble)
  const startProcess = () => createScriptedClient(network, { store })
  await startProcess().start(alice.handle)
  const params = await inRounds(network, COLD, () => approveSignIn(network, startProcess()))
  const { session } = await inRounds(network, [[TOKEN, DOCUMENT, RESOURCE], [TOKEN]], () =>
    startProcess().callback(params),
  )
  const restored = await startProcess().restore(alice.did, false, { sessionId: session.id })
  expect(await inRounds(network, [[CALL], [CALL]], () => call(restored))).toBe(200)
  network.advance(3_600_000)
  expect(await call(restored)).toBe(200)
})

it.each([
  ['altered', (sealed: string) => `${sealed.slice(0, -4)}AAAA`],
  ['cut off', (sealed: string) => sealed.slice(0, 20)],
  ['emptied', () => ''],
  ['replaced by JSON in clear', () => '{"nonce":"n","seenAt":1}'],
])('asks the servers when the rows were %s', async (_, damage) => {
  await using warm = await startWarm()
  const { network, shared, startProcess } = warm
  await shared.damageServerRows(damage)
  await inRounds(network, COLD, () => startProcess().start(alice.handle))
})

it('asks the servers when the rows are those of another client', async () => {
  await using warm = await startWarm()
  const { network, shared } = warm
  const secrets = ['another secret of the tests, 0123456789'] as const
  await inRounds(network, COLD, () =>
    createScriptedClient(network, { store: shared.store, secrets: [...secrets] }).start(alice.handle),
  )
})

it('DP-9 repeats a request once for the nonce of a process whose nonce has ended', async () => {
  await using warm = await startWarm()
  const { network, startProcess, restoreAnew } = warm
  network.home.pds.nonces.rotate()
  network.home.as.nonces.rotate()
  const session = await restoreAnew()
  expect(await inRounds(network, [[CALL], [CALL]], () => call(session))).toBe(200)
  await inRounds(network, [[RESOLVE], [DOCUMENT], [PAR], [PAR]], () => startProcess().start(alice.handle))
  expect(network.violations).toEqual([])
})

it('ID-10 does not hide at the callback that the PDS changed its authorization server', async () => {
  await using warm = await startWarm()
  const { network, startProcess } = warm
  const { pds } = network.home
  const params = await approveSignIn(network, startProcess())
  const other = await network.addHome()
  pds.answer(RESOURCE, { json: { resource: pds.origin, authorization_servers: [other.as.origin] } })
  expect(await refusalOf(startProcess().callback(params))).toMatchObject({ code: 'issuer_mismatch' })
})

it('ID-10 asks for everything again after five minutes', async () => {
  await using warm = await startWarm()
  const { network, startProcess } = warm
  network.advance(5 * 60_000)
  await inRounds(network, COLD, () => startProcess().start(alice.handle))
})

it('is not there on an application’s own stores, which keep sign-ins and sessions only', async () => {
  await using network = await startScriptedNetwork()
  const [stateStore, sessionStore] = [createRows<InternalStateData>(), createRows<Session>()]
  const startProcess = () =>
    new OAuthClient({
      clientMetadata: createScriptedClient(network).clientMetadata,
      localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
      now: network.now,
      stateStore,
      sessionStore,
    })
  const client = startProcess()
  await client.start(alice.handle)
  const params = await inRounds(network, [[PAR]], () => approveSignIn(network, client))
  await inRounds(network, [[TOKEN, DOCUMENT, RESOURCE]], () => client.callback(params))
  await inRounds(network, COLD, () => startProcess().start(alice.handle))
})

function createRows<Value>(): SimpleStore<Value> {
  const rows = new Map<string, Value>()
  return {
    get: (key) => rows.get(key),
    set: (key, value) => rows.set(key, value),
    del: (key) => rows.delete(key),
  }
}
