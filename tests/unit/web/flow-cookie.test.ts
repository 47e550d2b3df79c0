import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Secrets } from '../../../lib/config/secrets.ts'
import {
  type CookieChange,
  type CookieSettings,
  cookieSettings,
  setCookieHeader,
} from '../../../lib/web/cookie-header.ts'
import {
  endFlow,
  findFlow,
  finishedSignInsOf,
  hasOtherFlow,
  keepFinishedFlow,
  startFlow,
} from '../../../lib/web/flow-cookie.ts'
import { createBrowser } from '../../support/browser.ts'
import { SECRET } from '../../support/unit/context.ts'

const secrets: Secrets = [SECRET]
const settings = ['https://app.host.dev', 'http://127.0.0.1:3000', 'https://app.host.dev/shop'].map(
  cookieSettings,
)
const headersOf = (changes: readonly CookieChange[], { cookies }: { readonly cookies: CookieSettings }) =>
  changes.map((change) => setCookieHeader(change, cookies))

afterEach(() => vi.useRealTimers())

describe.each(settings)('a flow cookie under $flowPrefix', (cookies) => {
  const deps = { cookies, secrets }

  it('knows the browser that began, for its own state only', async () => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(browser.header(), 'state-1', deps), deps))
    expect(await findFlow(browser.header(), 'state-1', deps)).toBe('sign_in')
    expect(await findFlow(browser.header(), 'state-2', deps)).toBeUndefined()
    expect(await findFlow(null, 'state-1', deps)).toBeUndefined()
  })

  it('knows what it began, and a cookie of one kind is none of the other', async () => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(null, 'state-1', { ...deps, kind: 'connection' }), deps))
    browser.take(headersOf(await startFlow(browser.header(), 'state-2', deps), deps))
    expect(await findFlow(browser.header(), 'state-1', deps)).toBe('connection')
    expect(await findFlow(browser.header(), 'state-2', deps)).toBe('sign_in')
  })

  it('shows the state neither in its name nor in its value', async () => {
    expect(JSON.stringify(await startFlow(null, 'canary', deps))).not.toContain('canary')
  })

  it.each([
    ['sign-in', 'sign_in'],
    ['connection', 'connection'],
  ] as const)('is not taken when its value belongs to another %s of the same browser', async (_, kind) => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(null, 'state-1', { ...deps, kind }), deps))
    browser.take(headersOf(await startFlow(browser.header(), 'state-2', { ...deps, kind }), deps))
    const [first = '', second = ''] = browser.jar.keys()
    const swapped = `${first}=${browser.jar.get(second)}; ${second}=${browser.jar.get(first)}`
    expect(await findFlow(swapped, 'state-1', deps)).toBeUndefined()
  })

  it('is not taken when there are two of its name (cookie tossing)', async () => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(null, 'state-1', deps), deps))
    const tossed = `${browser.header()}; ${[...browser.jar.keys()][0]}=evil`
    expect(await findFlow(tossed, 'state-1', deps)).toBeUndefined()
  })

  it('is removed after the callback, and no other with it', async () => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(null, 'state-1', deps), deps))
    browser.take(headersOf(await startFlow(browser.header(), 'state-2', deps), deps))
    browser.take(headersOf(await endFlow(browser.header(), 'state-1', deps), deps))
    expect(await findFlow(browser.header(), 'state-1', deps)).toBeUndefined()
    expect(await findFlow(browser.header(), 'state-2', deps)).toBe('sign_in')
  })

  it('stays for a while when its sign-in is finished, and is the first to go when there are too many', async () => {
    const browser = createBrowser()
    const begin = async (state: string) =>
      browser.take(headersOf(await startFlow(browser.header(), state, deps), deps))
    for (const state of ['state-1', 'state-2', 'state-3']) await begin(state)
    const finished = { ...deps, kind: 'sign_in', ttlS: 600 } as const
    const kept = await keepFinishedFlow(browser.header(), 'state-3', finished)
    expect(kept.map(({ maxAgeS }) => maxAgeS)).toEqual([600, 0])
    browser.take(headersOf(kept, deps))
    expect(await keepFinishedFlow(browser.header(), 'state-3', finished)).toEqual([])
    expect(await finishedSignInsOf(browser.header(), deps)).toEqual(['state-3'])
    expect(await findFlow(browser.header(), 'state-3', deps)).toBe('sign_in')
    for (const state of ['state-4', 'state-5']) await begin(state)
    expect(await finishedSignInsOf(browser.header(), deps)).toEqual([])
    const found = ['state-1', 'state-2', 'state-4', 'state-5'].map((state) =>
      findFlow(browser.header(), state, deps),
    )
    expect(await Promise.all(found)).toEqual(['sign_in', 'sign_in', 'sign_in', 'sign_in'])
  })

  it('does not count as finished under the name of a finished one', async () => {
    const browser = createBrowser()
    browser.take(headersOf(await startFlow(null, 'state-1', deps), deps))
    const renamed = browser.header().replace(/(?<=flow.*-)[0-9a-z]+(?=-[\w-]{16}=)/, '0')
    expect(renamed).toContain('-0-')
    expect(await findFlow(renamed, 'state-1', deps)).toBe('sign_in')
    expect(await finishedSignInsOf(renamed, deps)).toEqual([])
  })

  it('knows whether the browser has another flow that is not finished', async () => {
    const browser = createBrowser()
    const hasOther = (state: string) => hasOtherFlow(browser.header(), state, deps)
    browser.take(headersOf(await startFlow(null, 'state-1', deps), deps))
    expect(await hasOther('state-1')).toBe(false)
    browser.take(headersOf(await startFlow(browser.header(), 'state-2', deps), deps))
    expect(await hasOther('state-1')).toBe(true)
    const finished = { ...deps, kind: 'sign_in', ttlS: 600 } as const
    browser.take(headersOf(await keepFinishedFlow(browser.header(), 'state-2', finished), deps))
    expect(await hasOther('state-1')).toBe(false)
  })

  it('O13 is one of four at most: fifty abandoned sign-ins leave the newest, and the last one works', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const browser = createBrowser()
    for (let flow = 0; flow < 50; flow += 1) {
      vi.advanceTimersByTime(1_000)
      browser.take(headersOf(await startFlow(browser.header(), `state-${flow}`, deps), deps))
      expect(browser.jar.size).toBeLessThanOrEqual(4)
    }
    expect(browser.header().length).toBeLessThan(4_096)
    expect(await findFlow(browser.header(), 'state-49', deps)).toBe('sign_in')
    expect(await findFlow(browser.header(), 'state-46', deps)).toBe('sign_in')
    expect(await findFlow(browser.header(), 'state-45', deps)).toBeUndefined()
  })

  it('lets no cookie name of a stranger into a header', async () => {
    const odd = `${cookies.flowPrefix}x\ty=1; `.repeat(5)
    for (const line of headersOf(await startFlow(odd, 'state', deps), deps)) expect(line).toMatch(/^[\w.-]+=/)
  })
})

describe('two applications on one host', () => {
  it('leave the sign-ins under way at the other alone', async () => {
    const browser = createBrowser()
    const cookies = ['', '/shop', '/shop-2'].map((path) => cookieSettings(`https://app.host.dev${path}`))
    for (const settingsOfOne of cookies) {
      for (const state of ['1', '2', '3', '4']) {
        const deps = { cookies: settingsOfOne, secrets }
        browser.take(headersOf(await startFlow(browser.header(), state, deps), deps))
      }
    }
    expect(browser.jar.size).toBe(12)
  })
})
