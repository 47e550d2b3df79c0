/** What an application is told of its sessions: hooks and listeners. */
import { inspect } from 'node:util'
import {
  type OAuthClient,
  type OAuthSession,
  type SessionEnd,
  type SessionUpdate,
  TokenRevokedError,
} from 'next-atproto-auth/oauth'
import { expect, it } from 'vitest'
import type { AuthorizationServer } from '../../../lib/testing/servers/authorization-server.ts'
import { call, createScriptedClient, signIn } from '../../support/protocol/scripted-client.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { refusalOf } from '../../support/refusal.ts'

function listen(client: OAuthClient) {
  const updated: SessionUpdate[] = []
  const deleted: SessionEnd[] = []
  client.addEventListener('updated', (event) => updated.push(event.detail))
  client.addEventListener('deleted', (event) => deleted.push(event.detail))
  return { updated, deleted }
}

it('tells of a sign-in, a refresh and a sign-out, once each', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const { updated, deleted } = listen(client)
  const session = await signIn(network, client)
  await session.refresh()
  // What is told is a copy: the session itself is stored whole.
  expect(await call(await client.restore(alice.did))).toBe(200)
  await session.signOut()
  const { secrets } = network.home.as.grants
  const access = updated.map(({ tokenSet }) => tokenSet.access_token)
  expect(access).toHaveLength(2)
  expect(new Set(access).size).toBe(2)
  expect(access.every((token) => secrets.includes(token))).toBe(true)
  expect(updated[0]).toMatchObject({ sub: alice.did, sessionId: session.id, authMethod: { method: 'none' } })
  expect(deleted).toEqual([expect.objectContaining({ sub: alice.did, sessionId: session.id })])
  expect(deleted[0]?.cause).toBeInstanceOf(TokenRevokedError)
})

it.each([
  ['signed out', async (session: OAuthSession) => session.signOut()],
  [
    'refused by its server',
    async (session: OAuthSession, { grants }: AuthorizationServer) => {
      grants.revoke(grants.all[0]?.refreshToken ?? '')
      await refusalOf(session.refresh())
    },
  ],
])('tells once of the end of a session that was %s, also when it is signed out again', async (_, end) => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  const other = await client.restore(alice.did, false)
  const { deleted } = listen(client)
  await end(session, network.home.as)
  expect(deleted).toHaveLength(1)
  await session.signOut()
  await other.signOut()
  expect(deleted).toHaveLength(1)
})

it('tells of a session that needs a new sign-in, and of none when the server is only down', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const session = await signIn(network, client)
  const { updated, deleted } = listen(client)
  network.home.as.answer('/oauth/token', { status: 503 })
  await refusalOf(session.refresh())
  expect([updated, deleted]).toEqual([[], []])
  network.home.as.restore('/oauth/token')
  const { grants } = network.home.as
  grants.revoke(grants.all[0]?.refreshToken ?? '')
  await refusalOf(session.refresh())
  expect(deleted).toHaveLength(1)
})

it('calls onUpdate and onDelete with the DID', async () => {
  await using network = await startScriptedNetwork()
  const calls: unknown[] = []
  const client = createScriptedClient(network, {
    onUpdate: (sub, { tokenSet }) => calls.push(['update', sub, tokenSet.iss]),
    onDelete: (sub, cause) => calls.push(['delete', sub, cause instanceof TokenRevokedError]),
  })
  await (await signIn(network, client)).signOut()
  expect(calls).toEqual([
    ['update', alice.did, network.home.as.origin],
    ['delete', alice.did, true],
  ])
})

it.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new TypeError('secret-of-the-hook')
    },
  ],
  ['rejects', () => Promise.reject(new TypeError('secret-of-the-hook'))],
  [
    'throws a text',
    () => {
      throw 'secret-of-the-hook'
    },
  ],
  ['never ends', () => new Promise(() => {})],
])('goes on when a hook or listener %s, and warns without what was thrown', async (behaviour, hook) => {
  await using network = await startScriptedNetwork()
  const warnings: string[] = []
  const client = createScriptedClient(network, {
    onUpdate: hook,
    onDelete: hook,
    onWarning: (message) => warnings.push(message),
  })
  client.addEventListener('updated', hook)
  client.addEventListener('deleted', hook)
  const { updated } = listen(client)
  const session = await signIn(network, client)
  await session.refresh()
  expect(await call(session)).toBe(200)
  await session.signOut()
  expect(updated).toHaveLength(2)
  expect(warnings).toHaveLength(behaviour === 'never ends' ? 0 : 4)
  expect(warnings.join()).not.toContain('secret-of-the-hook')
})

it('tells a removed listener nothing', async () => {
  await using network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  const seen: unknown[] = []
  const listener = (event: unknown) => seen.push(event)
  client.addEventListener('updated', listener)
  client.removeEventListener('updated', listener)
  await signIn(network, client)
  expect(seen).toEqual([])
})

it('X9 CK-10 shows no secret when an event, its detail or its tokens are printed or turned into JSON', async () => {
  await using network = await startScriptedNetwork()
  const printed: string[] = []
  const client = createScriptedClient(network)
  client.addEventListener('updated', (event) => {
    const { detail } = event
    for (const value of [event, detail, { detail }, [detail.tokenSet], detail.dpopJwk]) {
      printed.push(inspect(value, { depth: 9 }), JSON.stringify(value) ?? '', String(value))
    }
  })
  client.addEventListener('deleted', ({ detail }) => printed.push(inspect(detail), JSON.stringify(detail)))
  const session = await signIn(network, client)
  await session.refresh()
  await session.signOut()
  const text = printed.join('\n')
  expect(text).toContain(alice.did)
  for (const secret of [...network.home.as.grants.secrets, session.id, '"d":', ' d: '])
    expect(text).not.toContain(secret)
})
