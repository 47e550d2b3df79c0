import { sealData } from 'iron-session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Secrets } from '../../../lib/config/secrets.ts'
import { sha256 } from '../../../lib/crypto/hash.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import { looksLikeSeal } from '../../../lib/web/cookie-seal.ts'
import { FLOW_TTL_S, readFlowCookie, sealFlowCookie } from '../../../lib/web/flow-cookie.ts'
import {
  createSessionCookieCache,
  isSealedWithNewestSecret,
  openSessionCookie,
  type SessionCookie,
  sealSessionCookie,
} from '../../../lib/web/session-cookie.ts'
import { SECRET } from '../../support/unit/context.ts'
import { ALICE } from '../../support/unit/names.ts'

const secrets: Secrets = [SECRET]
const content: SessionCookie = { did: ALICE, sessionIds: ['session-id-canary', 'another-id'] }
const TTL_S = 3_600
const id = (digit: string) => digit.repeat(43)

describe('the session cookie', () => {
  it('opens to what was sealed', async () => {
    expect(await openSessionCookie(await sealSessionCookie(content, secrets, TTL_S), secrets)).toEqual(
      content,
    )
  })

  it('shows nothing of its content', async () => {
    const parts = (await sealSessionCookie(content, secrets, TTL_S)).split('*')
    const shown = parts.map((part) => part + Buffer.from(part, 'base64url').toString('latin1')).join()
    expect(shown).not.toMatch(/canary|alice/)
  })

  it('C7 fits into a kibibyte with five accounts and the longest DID, name and all', async () => {
    const did = `did:web:${'a.'.repeat(124)}hosts.dev`.slice(0, 261)
    const five: SessionCookie = { did, sessionIds: [id('1'), id('2'), id('3'), id('4'), id('5')] }
    const sealed = await sealSessionCookie(five, secrets, TTL_S)
    expect(looksLikeSeal(sealed)).toBe(true)
    expect(`__Host-atproto-session=${sealed}`.length).toBeLessThanOrEqual(1_024)
    expect(await openSessionCookie(sealed, secrets)).toEqual(five)
  })

  it.each([
    ['no account', { did: ALICE, sessionIds: [] }],
    ['six accounts', { did: ALICE, sessionIds: Array(6).fill('id') }],
    ['no list', { did: ALICE, sessionIds: 'id' }],
    ['numbers for ids', { did: ALICE, sessionIds: [1, 2] }],
    ['no DID', { sessionIds: ['id'] }],
  ])('does not open with %s in it', async (_, odd) => {
    const sealed = await sealSessionCookie(odd as unknown as SessionCookie, secrets, TTL_S)
    expect(await openSessionCookie(sealed, secrets)).toBeUndefined()
  })

  it('C6 opens with an older secret after a newer one was added', async () => {
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret', SECRET])).toEqual(content)
  })

  it('C6 is sealed with the newest secret', async () => {
    const sealed = await sealSessionCookie(content, ['a newer secret', SECRET], TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret'])).toEqual(content)
    expect(await openSessionCookie(sealed, secrets)).toBeUndefined()
  })

  it('does not open once its secret was removed', async () => {
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret'])).toBeUndefined()
  })

  it('does not open when it was sealed by iron-session with the bare secret', async () => {
    const sealed = await sealData(content, { password: SECRET })
    expect(await openSessionCookie(sealed, secrets)).toBeUndefined()
  })

  it('keeps fields to itself that a later version may add', async () => {
    const sealed = await sealSessionCookie({ ...content, ...{ role: 'admin' } }, secrets, TTL_S)
    expect(await openSessionCookie(sealed, secrets)).toEqual(content)
  })
})

describe('the lifetime of a cookie', () => {
  afterEach(() => void vi.useRealTimers())
  const travel = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000)

  it('is inside the seal: a cookie kept for longer does not open', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    travel(TTL_S - 1)
    expect(await openSessionCookie(sealed, secrets)).toEqual(content)
    // iron-session allows clocks to differ by a minute.
    travel(62)
    expect(await openSessionCookie(sealed, secrets)).toBeUndefined()
  })

  it('outlives the fourteen days that iron-session would give it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sealed = await sealSessionCookie(content, secrets, 180 * 86_400)
    travel(179 * 86_400)
    expect(await openSessionCookie(sealed, secrets)).toEqual(content)
  })

  it('is an hour for a sign-in under way: as long as the row of one that creates an account', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sealed = await sealFlowCookie('state', secrets)
    travel(FLOW_TTL_S + 61)
    expect([FLOW_TTL_S, await readFlowCookie('state', sealed, secrets)]).toEqual([3_600, undefined])
  })
})

describe('the flow cookie', () => {
  it('belongs to the state it was made for', async () => {
    expect(await readFlowCookie('state', await sealFlowCookie('state', secrets), secrets)).toBe('sign_in')
  })

  it('does not belong to the state of an attacker (login CSRF)', async () => {
    expect(await readFlowCookie('other', await sealFlowCookie('state', secrets), secrets)).toBeUndefined()
  })
})

describe('the four kinds of seals', () => {
  const ttl = 3_600
  const sealerOf = (label: string) => createSealer(secrets, label)
  // Each holds what any reader could want.
  const everything = { ...content, state: 'state' }
  const makers: readonly (readonly [string, () => Promise<string>])[] = [
    ['a session cookie', () => sealSessionCookie(everything, secrets, ttl)],
    ['a flow cookie', () => sealFlowCookie('state', secrets)],
    ['a session row', () => sealerOf('session row').seal(everything, ['context'])],
    ['a state row', () => sealerOf('state row').seal(everything, ['context'])],
  ]
  const readers: readonly (readonly [string, (text: string) => Promise<boolean>])[] = [
    ['a session cookie', async (text) => (await openSessionCookie(text, secrets)) !== undefined],
    ['a flow cookie', async (text) => (await readFlowCookie('state', text, secrets)) !== undefined],
    ['a session row', async (text) => (await sealerOf('session row').open(text, ['context'])) !== undefined],
    ['a state row', async (text) => (await sealerOf('state row').open(text, ['context'])) !== undefined],
  ]
  it.each(makers)('C4 %s opens as nothing else', async (made, make) => {
    const sealed = await make()
    const opened = await Promise.all(
      readers.map(async ([kind, opens]) => ((await opens(sealed)) ? [kind] : [])),
    )
    expect(opened.flat()).toEqual([made])
  })

  it('C4 a seal without an end is none of ours, although it was made with the right key', async () => {
    const endless = await sealSessionCookie(content, secrets, 0)
    expect(await openSessionCookie(endless, secrets)).toBeUndefined()
  })
})

describe('the cache of opened cookies', () => {
  afterEach(() => void vi.useRealTimers())
  const newer = 'a newer secret that was put before it'
  const createCache = () => createSessionCookieCache(sha256)

  it('gives what was opened before, without opening it again', async () => {
    const cache = createCache()
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    const first = await openSessionCookie(sealed, secrets, cache)
    expect(await openSessionCookie(sealed, secrets, cache)).toBe(first)
  })

  it('C6 opens nothing whose secret was removed, from the next request on', async () => {
    const cache = createCache()
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    await openSessionCookie(sealed, secrets, cache)
    expect(await openSessionCookie(sealed, [newer, SECRET], cache)).toEqual(content)
    expect(await openSessionCookie(sealed, [newer], cache)).toBeUndefined()
  })

  it('C8 opens nothing that has expired meanwhile, to the millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const cache = createCache()
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    const end = Date.now() + (TTL_S + 60) * 1_000
    await openSessionCookie(sealed, secrets, cache)
    for (const known of [cache, undefined]) {
      vi.setSystemTime(end - 1)
      expect(await openSessionCookie(sealed, secrets, known)).toEqual(content)
      vi.setSystemTime(end)
      expect(await openSessionCookie(sealed, secrets, known)).toBeUndefined()
    }
  })

  it('is asked for the whole cookie: one with an altered byte is opened for itself', async () => {
    const cache = createCache()
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    await openSessionCookie(sealed, secrets, cache)
    expect(await openSessionCookie(sealed.replace('Fe26.2*', 'Fe26.2*0'), secrets, cache)).toBeUndefined()
  })

  it('SF-5 keeps a thousand, those that were asked for last, and no junk', async () => {
    const cache = createCache()
    const opened = (n: number) => ({ content, kid: `${n}`, expiresAt: 1 })
    for (let n = 0; n < 1_000; n += 1) await cache.set(`${n}`, opened(n))
    await cache.get('0')
    await cache.set('1000', opened(1_000))
    await openSessionCookie('junk', secrets, cache)
    expect([await cache.get('0'), await cache.get('1'), await cache.get('2')]).toEqual([
      opened(0),
      undefined,
      opened(2),
    ])
  })
})

describe('isSealedWithNewestSecret', () => {
  it('C6 tells a cookie that should be sealed again', async () => {
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    expect(await isSealedWithNewestSecret(sealed, secrets)).toBe(true)
    expect(await isSealedWithNewestSecret(sealed, ['a newer secret', SECRET])).toBe(false)
  })
})
