import { sealData } from 'iron-session'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  cookieScope,
  FLOW_TTL_S,
  isFlowCookieOf,
  looksLikeSeal,
  openSessionCookie,
  parseSecrets,
  readCookie,
  type Secrets,
  sealFlowCookie,
  sealSessionCookie,
  sessionCookieName,
  setCookie,
} from '../../../lib/next/cookie.ts'
import { SECRET } from '../support/context.ts'
import { ALICE } from '../support/names.ts'

const secrets: Secrets = [SECRET]
const content = { did: ALICE, sessionId: 'session-id-canary' }
const TTL_S = 3_600

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

  it('has the form of a seal and fits, even with the longest DID', async () => {
    const did = `did:web:${'a.'.repeat(124)}host.dev`.slice(0, 261)
    const sealed = await sealSessionCookie({ did, sessionId: 'x'.repeat(43) }, secrets, TTL_S)
    expect([looksLikeSeal(sealed), sealed.length <= 1_024]).toEqual([true, true])
  })

  it('opens with an older secret after a newer one was added', async () => {
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret', SECRET])).toEqual(content)
  })

  it('is sealed with the newest secret', async () => {
    const sealed = await sealSessionCookie(content, ['a newer secret', SECRET], TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret'])).toEqual(content)
    expect(await openSessionCookie(sealed, secrets)).toBeUndefined()
  })

  it('does not open once its secret was removed', async () => {
    const sealed = await sealSessionCookie(content, secrets, TTL_S)
    expect(await openSessionCookie(sealed, ['a newer secret'])).toBeUndefined()
  })

  it('C4 does not open as a session when it is a flow cookie', async () => {
    expect(await openSessionCookie(await sealFlowCookie('state', secrets), secrets)).toBeUndefined()
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

  it('is half an hour for a sign-in under way', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sealed = await sealFlowCookie('state', secrets)
    travel(FLOW_TTL_S + 61)
    expect([FLOW_TTL_S, await isFlowCookieOf('state', sealed, secrets)]).toEqual([1_800, false])
  })
})

describe('the flow cookie', () => {
  it('belongs to the state it was made for', async () => {
    expect(await isFlowCookieOf('state', await sealFlowCookie('state', secrets), secrets)).toBe(true)
  })

  it('does not belong to the state of an attacker (login CSRF)', async () => {
    expect(await isFlowCookieOf('other', await sealFlowCookie('state', secrets), secrets)).toBe(false)
  })

  it('C4 cannot be replaced by a session cookie', async () => {
    const sealed = await sealSessionCookie({ ...content, ...{ state: 'state' } }, secrets, TTL_S)
    expect(await isFlowCookieOf('state', sealed, secrets)).toBe(false)
  })
})

const https = cookieScope('https://app.host.dev')
const http = cookieScope('http://127.0.0.1:3000')

describe('cookie names and attributes', () => {
  it('are __Host- where the site is https', () => {
    expect(sessionCookieName(https)).toBe('__Host-atproto-session')
  })

  it('are plain on http, where browsers refuse the prefix, and tell applications on other ports apart', () => {
    const other = cookieScope('http://127.0.0.1:3001')
    expect([sessionCookieName(http), sessionCookieName(other)]).toEqual([
      'atproto-session-3000',
      'atproto-session-3001',
    ])
  })

  it('CK-3 C9 keep scripts, other sites and plain http out', () => {
    expect(setCookie('n', 'v', 60, https)).toBe('n=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure')
  })

  it('leave Secure out on http alone', () => {
    expect(setCookie('n', 'v', 60, http)).toBe('n=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax')
  })
})

describe('readCookie', () => {
  const headers = [
    ['a=1', '1'],
    ['b=2; a=1; c=3', '1'],
    ['a=1;b=2', '1'],
    ['a=', ''],
    ['a=x=y=', 'x=y='],
    ['b=a=1', undefined],
    ['aa=1; xa=2', undefined],
    ['A=1', undefined],
    ['', undefined],
    [null, undefined],
    [';;; = ; a', undefined],
  ] as const
  it.each(headers)('finds in %j the value %j', (header, expected) => {
    expect(readCookie(header, 'a')).toBe(expected)
  })

  it.each(['a=good; a=evil', 'a=evil; a=good', 'a=x; b=1; a=x', 'a=; a=1'])(
    'refuses both of two cookies of one name (cookie tossing): %s',
    (header) => {
      expect(readCookie(header, 'a')).toBeUndefined()
    },
  )
})

describe('parseSecrets', () => {
  it.each([
    ['one', ['one']],
    ['new, old ', ['new', 'old']],
    [',a,,b,', ['a', 'b']],
    ['', undefined],
    [' , ', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (text, expected) => {
    expect(parseSecrets(text)).toEqual(expected)
  })
})
