/** Short tokens and fast nonces on real PDSes: sessions renew themselves, once, and end when they are ended. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OAuthSession } from '../../lib/oauth/session/session.ts'
import type { Store } from '../../lib/store/contract.ts'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { createTestClient, signIn } from '../support/client.ts'
import {
  countRefreshes,
  countRequests,
  pauseAnswers,
  resumeAnswers,
  rotateNonces,
  setTokenLifetime,
} from '../support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

const LIFETIME_MS = 3_000
const REFRESHED = { method: 'POST', path: '/oauth/token', grantType: 'refresh_token', status: 200 }

let network: LocalNetwork
beforeAll(async () => {
  network = await startNetwork()
  setTokenLifetime(network.pds[0], LIFETIME_MS)
})
beforeEach(() => network.pds[0].requests.clear())
afterAll(() => network.stop())

/** A call that needs a valid token. */
async function getSession(session: OAuthSession): Promise<number> {
  const response = await session.fetchHandler('/xrpc/com.atproto.server.getSession')
  await response.body?.cancel()
  return response.status
}

/** A client whose clock stands still thinks every token fresh. */
function stoppedClock(): () => number {
  const now = Date.now()
  return () => now
}

describe('an access token of three seconds', () => {
  it('is renewed by itself before it expires', async () => {
    const session = await signIn(createTestClient(network), network.accounts.alice)
    await sleep(LIFETIME_MS * 0.95)
    expect(await getSession(session)).toBe(200)
    expect(countRequests(network.pds[0], { path: '/xrpc/com.atproto.server.getSession', status: 401 })).toBe(
      0,
    )
    expect(countRequests(network.pds[0], REFRESHED)).toBe(1)
  })

  it('is renewed after the PDS answers 401, when the expiry was not foreseen', async () => {
    const session = await signIn(createTestClient(network, { now: stoppedClock() }), network.accounts.alice)
    await sleep(LIFETIME_MS + 500)
    expect(await getSession(session)).toBe(200)
    expect(countRequests(network.pds[0], REFRESHED)).toBe(1)
  })

  it('is renewed once for 50 calls of two processes’ clients that find it expired at the same time', async () => {
    const store = createMemoryStore()
    const [first, second] = [createTestClient(network, { store }), createTestClient(network, { store })]
    const session = await signIn(first, network.accounts.alice)
    const other = await second.restore(session.did, false, { sessionId: session.id })
    await sleep(LIFETIME_MS + 100)
    const calls = Array.from({ length: 50 }, (_, index) => getSession(index % 2 ? session : other))
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
    expect(countRequests(network.pds[0], REFRESHED)).toBe(1)
  })

  it('goes on being renewed, generation after generation', async () => {
    const session = await signIn(createTestClient(network), network.accounts.alice)
    for (let round = 0; round < 3; round += 1) {
      await sleep(LIFETIME_MS + 100)
      expect(await getSession(session)).toBe(200)
    }
    expect(countRequests(network.pds[0], REFRESHED)).toBe(3)
  })
})

describe('an outage', () => {
  it('signs nobody out: a refresh that fails with 503 works later', async () => {
    const session = await signIn(createTestClient(network), network.accounts.alice)
    await sleep(LIFETIME_MS + 100)
    pauseAnswers(network.pds[0])
    await expect(getSession(session)).rejects.toMatchObject({ code: 'refresh_failed', retryable: true })
    resumeAnswers(network.pds[0])
    expect(await getSession(session)).toBe(200)
  })

  it('is told apart from an end: a PDS that is down gives a network error', async () => {
    const session = await signIn(createTestClient(network), network.accounts.alice)
    pauseAnswers(network.pds[0], 'drop')
    await expect(getSession(session)).rejects.toMatchObject({ code: 'network_error', retryable: true })
    resumeAnswers(network.pds[0])
    expect(await getSession(session)).toBe(200)
  })

  it('at sign-in is told as the server being unavailable', async () => {
    pauseAnswers(network.pds[0])
    const start = createTestClient(network).start(network.accounts.alice.handle)
    await expect(start).rejects.toMatchObject({ code: 'server_unavailable' })
    resumeAnswers(network.pds[0])
  })
})

describe('a nonce', () => {
  it('DP-8 DP-9 that the PDS gives up is replaced with one more request, for calls and for refreshes', async () => {
    const session = await signIn(createTestClient(network), network.accounts.alice)
    rotateNonces(network.pds[0])
    expect(await getSession(session)).toBe(200)
    await sleep(LIFETIME_MS + 100)
    rotateNonces(network.pds[0])
    expect(await getSession(session)).toBe(200)
    expect(countRefreshes(network.pds[0])).toBe(2)
    expect(countRequests(network.pds[0], REFRESHED)).toBe(1)
  })
})

describe('RV-2 sign-out', () => {
  it('kills the refresh token at the PDS: a copy of the session that was saved before is refused', async () => {
    const { store, copy } = copyingStore()
    const session = await signIn(createTestClient(network, { store }), network.accounts.alice)
    const thief = createTestClient(network, { store: copy() })
    const stolen = await thief.restore(session.did, false, { sessionId: session.id })
    await session.signOut()
    await expect(
      createTestClient(network, { store }).restore(session.did, false, { sessionId: session.id }),
    ).rejects.toMatchObject({ code: 'session_ended' })
    await sleep(LIFETIME_MS + 100)
    await expect(getSession(stolen)).rejects.toMatchObject({ code: 'session_ended' })
    expect(countRequests(network.pds[0], { ...REFRESHED, status: 400 })).toBeGreaterThan(0)
    expect(countRequests(network.pds[0], REFRESHED)).toBe(0)
  })

  it('is what makes the difference: without it the same copy renews', async () => {
    const { store, copy } = copyingStore()
    const session = await signIn(createTestClient(network, { store }), network.accounts.alice)
    const stolen = await createTestClient(network, { store: copy() }).restore(session.did, false, {
      sessionId: session.id,
    })
    await sleep(LIFETIME_MS + 100)
    expect(await getSession(stolen)).toBe(200)
    expect(countRequests(network.pds[0], REFRESHED)).toBe(1)
  })
})

/** A store that remembers what was written, as a backup or a thief does. */
function copyingStore(): { readonly store: Store; copy(): Store } {
  const written = new Map<string, string>()
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    async set(key, value, ttlMs) {
      written.set(key, value)
      await memory.set(key, value, ttlMs)
    },
  }
  return {
    store,
    copy() {
      const copied = createMemoryStore()
      for (const [key, value] of written) void copied.set(key, value, 60_000)
      return copied
    },
  }
}
