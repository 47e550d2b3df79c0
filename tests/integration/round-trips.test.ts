/** What a real PDS is asked by processes that share a store: its nonces serve all of them. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { createTestClient, restoreSession, signIn } from '../support/client.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

const CALL = '/xrpc/com.atproto.server.getSession'

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
})
beforeEach(() => network.pds[0].requests.clear())
afterAll(() => network.stop())

/** Processes on one store, after one of them has signed alice in and called her PDS. */
async function startProcesses() {
  const memory = createMemoryStore()
  const rows = new Set<string>()
  const store = {
    ...memory,
    set(key: string, value: string, ttlMs: number) {
      if (key.startsWith('server:')) rows.add(key)
      return memory.set(key, value, ttlMs)
    },
  }
  const startProcess = () => createTestClient(network, { store })
  const session = await signIn(startProcess(), network.accounts.alice)
  expect((await session.fetchHandler(CALL)).status).toBe(200)
  // Metadata of the PDS and of its authorization server, and one nonce: both are at one origin here.
  await vi.waitFor(() => expect(rows.size).toBe(3))
  network.pds[0].requests.clear()
  return { session, startProcess }
}

const asked = () => network.pds[0].requests.list().map(({ path, status }) => `${path} ${status}`)

it('calls a real PDS with one request in a fresh process', async () => {
  const { session, startProcess } = await startProcesses()
  const restored = await restoreSession(startProcess(), session)
  expect((await restored.fetchHandler(CALL)).status).toBe(200)
  await vi.waitFor(() => expect(asked()).toEqual([`${CALL} 200`]))
})

it('begins a sign-in at a real PDS with one request to it in a fresh process', async () => {
  const { startProcess } = await startProcesses()
  await startProcess().start(network.accounts.alice.handle)
  await vi.waitFor(() => expect(asked()).toContain('/oauth/par 201'))
  expect(asked().filter((line) => line.startsWith('/oauth') || line.startsWith('/.well-known'))).toEqual([
    '/oauth/par 201',
  ])
})

it('renews the tokens of a real PDS with the nonce of another process', async () => {
  const { session, startProcess } = await startProcesses()
  const restored = await restoreSession(startProcess(), session)
  await restored.refresh()
  await vi.waitFor(() =>
    expect(asked()).toEqual(['/.well-known/oauth-protected-resource 200', '/oauth/token 200']),
  )
})
