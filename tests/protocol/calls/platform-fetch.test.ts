/** The whole walk over a fetch that the application gives, as on a platform without node:https. */
import { expect, it } from 'vitest'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { startScriptedNetwork } from '../../support/protocol/scripted-network.ts'

it('resolves, signs in, calls, streams, renews and signs out, each request by the given fetch', async () => {
  await using network = await startScriptedNetwork()
  const asked: string[] = []
  const client = createScriptedClient(network, {
    fetch: (input, init) => {
      asked.push(new URL(String(input)).pathname)
      return fetch(input, init)
    },
  })
  const session = await signIn(network, client)
  expect(await call(session)).toBe(200)
  network.home.as.nonces.rotate()
  await session.refresh()
  const body = new Blob(['{}']).stream()
  const headers = { 'content-type': 'application/json' }
  const answer = await session.fetchHandler('/xrpc/a.b.post', {
    method: 'POST',
    headers,
    body,
  })
  await answer.text()
  await session.signOut()
  expect(asked).toEqual(network.requests.map(({ path }) => path))
  expect(asked.filter((path) => path === '/oauth/token').length).toBeGreaterThan(2)
  expect(network.violations).toEqual([])
})

it('SF-2 follows no redirect of a PDS, whatever the fetch would like', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network, {
    fetch: (input, init) => fetch(input, { ...init, redirect: 'follow' }),
  })
  const session = await signIn(network, client)
  const location = `${network.home.as.origin}/elsewhere`
  network.home.pds.answer('/xrpc/app.bsky.actor.getPreferences', () => ({
    status: 302,
    headers: { location },
  }))
  await expect(call(session)).rejects.toMatchObject({ code: 'blocked_address' })
})
