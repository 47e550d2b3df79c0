/** How many requests each step costs, and how often it waits for the network. */
import { expect, it } from 'vitest'
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
  signIn,
  signInWarm,
} from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

const HOUR_MS = 3_600_000

/** A network, and processes of one application on one store, each with nothing in its memory. */
async function startProcesses() {
  const network = await startScriptedNetwork()
  const shared = createSharedStore(network)
  const startProcess = () => createScriptedClient(network, { store: shared.store })
  return { network, shared, startProcess, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() }
}

/** The same, after another process has had a session of alice that called her PDS. */
async function startBusy() {
  const processes = await startProcesses()
  const { network, shared, startProcess } = processes
  const { client, session } = await signInWarm(network, { store: shared.store })
  await shared.holdsServerRows(4)
  const restoreAnew = () => startProcess().restore(session.did, 'auto', { sessionId: session.id })
  return { ...processes, client, session, restoreAnew }
}

it('begins a sign-in with six requests where nothing is known', async () => {
  await using processes = await startProcesses()
  const { network, startProcess } = processes
  await inRounds(network, COLD, () => startProcess().start(alice.handle))
  expect(network.requests).toHaveLength(6)
})

it('begins a sign-in with three in a fresh process that shares a store', async () => {
  await using processes = await startBusy()
  const { network, startProcess } = processes
  await inRounds(network, [[RESOLVE], [DOCUMENT], [PAR]], () => startProcess().start(alice.handle))
})

it.each([0, 61_000])('begins a sign-in with one where somebody has just signed in, %i ms ago', async (ms) => {
  await using processes = await startBusy()
  const { network, client } = processes
  network.advance(ms)
  await inRounds(network, [[PAR]], () => client.start(alice.handle))
})

it.each(['the same', 'a fresh'])(
  'finishes a sign-in in the time of one request in %s process',
  async (which) => {
    await using processes = await startProcesses()
    const { network, shared, startProcess } = processes
    const client = startProcess()
    const params = await approveSignIn(network, client)
    await shared.holdsServerRows(3)
    const finisher = which === 'the same' ? client : startProcess()
    await inRounds(network, [[TOKEN, DOCUMENT, RESOURCE]], () => finisher.callback(params))
    expect(network.violations).toEqual([])
  },
)

it('finishes a sign-in in the time of two when the server wants another nonce meanwhile', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const params = await approveSignIn(network, client)
  network.home.as.nonces.rotate()
  await inRounds(network, [[TOKEN, DOCUMENT, RESOURCE], [TOKEN]], () => client.callback(params))
})

it('finishes a sign-in that began with a server in the time of three: the account is known last', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { as, pds } = network.home
  const { searchParams } = as.approve((await client.start(pds.origin)).url, alice.did)
  await inRounds(network, [[TOKEN], [DOCUMENT], [RESOURCE]], () => client.callback(searchParams))
})

it('makes a first call after a sign-in with two requests, for the nonce of an unknown PDS', async () => {
  await using network = await startScriptedNetwork()
  const session = await signIn(network, createScriptedClient(network))
  await inRounds(network, [[CALL], [CALL]], () => call(session))
})

it('makes a first call after a sign-in with one where another process knows the PDS', async () => {
  await using processes = await startBusy()
  const { network, startProcess } = processes
  const session = await signIn(network, startProcess())
  await inRounds(network, [[CALL]], () => call(session))
})

it('makes a first call in a fresh process with one request', async () => {
  await using processes = await startBusy()
  const { network, restoreAnew } = processes
  await inRounds(network, [[CALL]], async () => call(await restoreAnew()))
})

it('I9 renews an ended token and calls in the time of three in a fresh process, the account verified first', async () => {
  await using processes = await startBusy()
  const { network, shared, startProcess, restoreAnew } = processes
  network.advance(HOUR_MS)
  await call(await signIn(network, startProcess()))
  await shared.holdsServerRows(4)
  await inRounds(network, [[DOCUMENT, RESOURCE], [TOKEN], [CALL]], async () => call(await restoreAnew()))
  expect(network.violations).toEqual([])
})

it('renews an ended token and calls in the time of five after an hour without any request', async () => {
  await using processes = await startBusy()
  const { network, restoreAnew } = processes
  network.advance(HOUR_MS)
  const rounds = [[DOCUMENT, RESOURCE], [TOKEN], [TOKEN], [CALL], [CALL]]
  await inRounds(network, rounds, async () => call(await restoreAnew()))
})
