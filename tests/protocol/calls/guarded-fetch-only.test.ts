/** Every request leaves by the guarded door: no step of a session's life uses the platform's own fetch. */
import { afterEach, expect, it, vi } from 'vitest'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

afterEach(() => void vi.unstubAllGlobals())

it('SF-4 SF-1 resolves, signs in, calls, renews and signs out without the platform’s fetch, which checks no address', async () => {
  await using network = await startScriptedNetwork()
  const used: unknown[] = []
  vi.stubGlobal('fetch', (...args: unknown[]) => {
    used.push(args)
    return Promise.reject(new Error('The unguarded fetch was used.'))
  })
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  await call(session)
  await session.refresh()
  expect(await session.getHandle()).toBe(alice.handle)
  await session.signOut()
  expect(used).toEqual([])
  const paths = new Set(network.requests.map(({ path }) => path))
  expect([...paths].sort()).toEqual([
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-protected-resource',
    `/${alice.did}`,
    '/oauth/par',
    '/oauth/revoke',
    '/oauth/token',
    '/xrpc/app.bsky.actor.getPreferences',
    '/xrpc/com.atproto.identity.resolveHandle',
  ])
})
