/** Sign-ins that begin too often: what browsers are told, and what the servers are spared. */
import { describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { createNextApp, navigation, ownForm } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const clientAddress = ({ headers }: { readonly headers: Pick<Headers, 'get'> }) =>
  headers.get('x-proxy-client') ?? undefined

describe('sign-ins that begin too often', () => {
  it('SF-5 of a hundred from one address sixty begin; the others are 429, with Retry-After and no flow cookie', async () => {
    await using network = await startScriptedNetwork()
    const { visit } = createNextApp(network, { clientAddress, loginLimits: { perAddress: 60 } })
    const lines = recordLog()
    const statuses: number[] = []
    for (let at = 0; at < 100; at += 1) {
      const headers = { ...ownForm, 'x-proxy-client': '192.0.2.66', 'x-forwarded-for': `198.51.100.${at}` }
      const response = await visit().post('/oauth/login', { identifier: alice.handle }, headers)
      statuses.push(response.status)
      if (response.status !== 429) continue
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(statuses).toEqual([...Array(60).fill(303), ...Array(40).fill(429)])
    const pushed = new Set(network.sent('/oauth/par').map(({ form }) => form.get('state')))
    expect(pushed.size).toBe(60)
    // One line, not forty; and nobody in it.
    const told = lines.filter((line) => String(line).includes('being limited'))
    expect(told).toEqual([expect.stringContaining('loginLimits.perAddress was reached')])
    expect(lines.join()).not.toMatch(/alice|192\.0\.2/)

    const elsewhere = { ...ownForm, 'x-proxy-client': '192.0.2.1' }
    const { status } = await visit().post('/oauth/login', { identifier: alice.handle }, elsewhere)
    expect(status).toBe(303)
  })

  it('SF-5 tells the person how long to wait, and leads back to the form with what was typed', async () => {
    await using network = await startScriptedNetwork()
    const { visit } = createNextApp(network, {
      clientAddress: () => '192.0.2.1',
      loginLimits: { perAddress: 1 },
    })
    recordLog()
    const browser = visit()
    await browser.post('/oauth/login', { identifier: alice.handle })
    const fields = { identifier: `${alice.handle}"><b>`, returnTo: '/compose?a=1' }
    await browser.post('/oauth/login', fields)
    const link = `/oauth/login?identifier=${alice.handle}&#38;returnTo=%2Fcompose%3Fa%3D1`
    const response = await browser.post('/oauth/login', { ...fields, identifier: alice.handle })
    const html = await response.text()
    expect([response.status, response.headers.get('cache-control')]).toEqual([429, 'private, no-store'])
    expect(html).toMatch(/Try again in \d+ (minutes|s)\./)
    expect(html).toContain(`<a href="${link}">`)
    // What is refused for its spelling is not counted, and asks no server.
    expect((await browser.get('/oauth/login', navigation)).status).toBe(200)
  })

  it('SF-5 a store that is down is 503 and not a way around the limit', async () => {
    await using network = await startScriptedNetwork()
    const failure = new StoreUnavailableError('The database is down.')
    const store = { ...createMemoryStore(), increment: () => Promise.reject(failure) }
    recordLog()
    const response = await createNextApp(network, { store })
      .visit()
      .post('/oauth/login', { identifier: alice.handle })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    // To the same address by GET, which is the sign-in page.
    expect(await response.text()).toContain('<a href="">Try again</a>')
    expect(network.requests).toEqual([])
  })
})

describe('a flood of clicks', () => {
  it('O13 fifty begun sign-ins leave four cookies, a header below 4 KiB, and a last one that works', async () => {
    await using network = await startScriptedNetwork()
    const { visit } = createNextApp(network)
    const browser = visit()
    let location = ''
    for (let click = 0; click < 50; click += 1) {
      const begun = await browser.post('/oauth/login', { identifier: alice.handle })
      location = begun.headers.get('location') ?? ''
      expect(browser.jar.size).toBeLessThanOrEqual(4)
      expect(browser.header().length).toBeLessThan(4_096)
    }
    const { pathname, search } = network.home.as.approve(new URL(location), alice.did)
    // The browser has other sign-ins under way, and is asked again.
    const answer = await browser.get(pathname + search)
    expect((await browser.get(answer.headers.get('location') ?? '')).headers.get('location')).toBe('/')
    expect(await browser.whoIsSignedIn()).toBe(alice.did)
  })

  it('O13 fifty clicks at once, each sent before an answer came, are thinned out by the next one', async () => {
    await using network = await startScriptedNetwork()
    const browser = createNextApp(network).visit()
    await Promise.all(
      Array.from({ length: 50 }, () => browser.post('/oauth/login', { identifier: alice.handle })),
    )
    await browser.post('/oauth/login', { identifier: alice.handle })
    expect(browser.jar.size).toBeLessThanOrEqual(4)
  })
})
