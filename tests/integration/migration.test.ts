/** An account moves from one real PDS to the other while it is signed in: nothing of the session follows it, or stays behind. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { OAuthClient, OAuthSession } from 'next-atproto-auth/oauth'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClient, restoreSession, signIn } from '../support/client.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { countRequests, setTokenLifetime } from '../support/network/hooks.ts'
import { migrateAccount } from '../support/network/migrate.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'
import { refusalOf } from '../support/refusal.ts'

const LIFETIME_MS = 3_000

let network: LocalNetwork
let client: OAuthClient
let session: OAuthSession
let moved: LocalAccount
beforeEach(async () => {
  network = await startNetwork()
  client = createTestClient(network)
  session = await signIn(client, network.accounts.alice)
})
afterEach(() => network.stop())

async function move(): Promise<void> {
  const [from, to] = network.pds
  moved = await migrateAccount(network.accounts.alice, from, to)
  from.requests.clear()
  to.requests.clear()
}

const tokensSentTo = (index: 0 | 1) => countRequests(network.pds[index], { hasToken: true })
const getSession = () => session.fetchHandler('/xrpc/com.atproto.server.getSession')

describe('after the account has moved', () => {
  it('I9 TK-5 the next refresh ends the session, and no token is sent to the old or the new host', async () => {
    await move()
    expect(await refusalOf(session.refresh())).toMatchObject({
      name: 'TokenRevokedError',
      code: 'session_ended',
      message: expect.stringContaining('account_moved'),
    })
    expect(await refusalOf(restoreSession(client, session))).toMatchObject({ code: 'session_ended' })
    expect([tokensSentTo(0), tokensSentTo(1)]).toEqual([0, 0])
  })

  it('a session object that has told of the end calls the old host no more', async () => {
    await move()
    await refusalOf(session.refresh())
    expect(await refusalOf(getSession())).toMatchObject({ code: 'session_ended' })
    expect(tokensSentTo(0)).toBe(0)
  })

  it('I9 a call with an expired token ends the session in the same way', async () => {
    setTokenLifetime(network.pds[0], LIFETIME_MS)
    session = await signIn(client, network.accounts.alice)
    await move()
    await sleep(LIFETIME_MS + 100)
    expect(await refusalOf(getSession())).toMatchObject({ code: 'session_ended' })
    expect([tokensSentTo(0), tokensSentTo(1)]).toEqual([0, 0])
  })

  it('ID-11 a new sign-in works at the new home: the same account under another handle', async () => {
    await move()
    await refusalOf(session.refresh())
    const again = await signIn(client, moved)
    expect(again).toMatchObject({ did: session.did, pds: network.pds[1].url })
    expect(await again.getHandle()).toBe(moved.handle)
    const { data } = await again.get<{ value: object }>('com.atproto.repo.getRecord', {
      params: { repo: again.did, collection: 'app.bsky.actor.profile', rkey: 'self' },
    })
    expect(data.value).toMatchObject({ displayName: moved.displayName, avatar: expect.anything() })
    expect(tokensSentTo(0)).toBe(0)
  })

  it('a new handle is not refused because the old document is remembered', async () => {
    await move()
    expect((await signIn(client, moved)).pds).toBe(network.pds[1].url)
  })
})
