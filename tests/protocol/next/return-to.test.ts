/** Where people end up after signing in, out or over: at a page of this application, whatever was asked for. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fewOpenRedirects, openRedirects } from '../../support/open-redirects.ts'
import { createNextApp, navigation, ORIGIN, ownLink, type Visitor } from '../../support/protocol/next-app.ts'
import {
  alice,
  bob,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../../support/protocol/scripted-network.ts'

function silence(): void {
  for (const level of ['error', 'warn'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation(() => undefined)
    onTestFinished(() => void spy.mockRestore())
  }
}

/** A cookie of ours; the attributes are what is apart from its sealed or random value, in which any word may occur. */
const OWN_COOKIE = /^atproto-[\w.-]+=[\w*.~-]*((?:; [^;]*)*)$/

/** Whether a payload got into a `Set-Cookie` line. */
function isForeignCookie(line: string): boolean {
  const [, attributes] = OWN_COOKIE.exec(line) ?? []
  return attributes === undefined || attributes.includes('evil')
}

/** The payloads with which a browser would leave, taken to an answer of ours as a browser takes it. */
async function findEscapes(
  payloads: readonly string[],
  ask: (payload: string) => Promise<Response>,
  from = `${ORIGIN}/oauth/callback?code=x`,
): Promise<readonly string[]> {
  const escapes: string[] = []
  for (const payload of payloads) {
    const { status, headers } = await ask(payload)
    const location = headers.get('location') ?? ''
    const isOwn = status === 303 && URL.parse(location, from)?.origin === ORIGIN
    const hasOneSlash = /^\/(?![/\\])[\x21-\x7e]*$/.test(location)
    if (!isOwn || !hasOneSlash || headers.getSetCookie().some(isForeignCookie)) escapes.push(payload)
  }
  return escapes
}

/** A whole sign-in that asks to return to a place. */
async function signInTo(returnTo: string, browser: Visitor, network: ScriptedNetwork): Promise<Response> {
  const begun = await browser.post('/oauth/login', { identifier: alice.handle, returnTo })
  const { pathname, search } = network.home.as.approve(
    new URL(begun.headers.get('location') ?? ''),
    alice.did,
  )
  return browser.get(pathname + search)
}

describe('the place to return to', () => {
  it('is tried with more than a thousand texts, of a hundred families', () => {
    expect(openRedirects.length).toBeGreaterThan(1_000)
    expect(fewOpenRedirects.length).toBeGreaterThan(100)
  })

  it('X6 CK-8: after signing in is a page of this application', { timeout: 60_000 }, async () => {
    await using network = await startScriptedNetwork()
    silence()
    const browser = createNextApp(network, { loginLimits: false }).visit()
    expect(await findEscapes(fewOpenRedirects, (payload) => signInTo(payload, browser, network))).toEqual([])
  })

  it('X6: named in the link to the login route is a page of this application', {
    timeout: 60_000,
  }, async () => {
    await using network = await startScriptedNetwork()
    silence()
    const browser = createNextApp(network, { loginLimits: false }).visit()
    await browser.signIn(alice)
    const escapes = await findEscapes(fewOpenRedirects, async (returnTo) => {
      const query = new URLSearchParams({ identifier: alice.did, returnTo })
      const begun = await browser.get(`/oauth/login?${query}`, ownLink)
      const back = network.home.as.approve(new URL(begun.headers.get('location') ?? ''), alice.did)
      return browser.get(back.pathname + back.search)
    })
    expect(escapes).toEqual([])
  })

  it.each(['logout', 'switch'])('X6: after the %s route is a page of this application', async (name) => {
    await using network = await startScriptedNetwork()
    silence()
    const { visit } = createNextApp(network)
    const browser = visit()
    await browser.signIn(alice)
    const jar = [...browser.jar]
    const escapes = await findEscapes(openRedirects, (returnTo) =>
      // Each time in a browser that is signed in; its session may have ended.
      visit(jar).post(`/oauth/${name}`, { returnTo, did: name === 'switch' ? alice.did : bob.did }),
    )
    expect(escapes).toEqual([])
  })

  it('X6: is kept as it is or left out on the way back to the sign-in page, after a mistake or a refusal', async () => {
    await using network = await startScriptedNetwork()
    silence()
    const browser = createNextApp(network, { loginLimits: false }).visit()
    const escapes: string[] = []
    for (const returnTo of openRedirects) {
      const mistaken = await browser.post('/oauth/login', { identifier: 'not a name', returnTo })
      const location = new URL(mistaken.headers.get('location') ?? '', ORIGIN)
      const kept = location.searchParams.get('returnTo') ?? '/'
      const html = await (await browser.get(location.pathname + location.search)).text()
      const [, field = ''] = /name="returnTo" value="([^"]*)"/.exec(html) ?? []
      const shown = field.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      const isOwn = [location.href, kept, shown].every((place) => URL.parse(place, ORIGIN)?.origin === ORIGIN)
      if (!isOwn || /<script/i.test(html)) escapes.push(returnTo)
    }
    expect(escapes).toEqual([])
  })

  it('X6: given to requireSession leads to the sign-in page of this application, and from there to one of its own', async () => {
    await using network = await startScriptedNetwork()
    silence()
    const browser = createNextApp(network, { loginLimits: false }).visit()
    const escapes: string[] = []
    for (const returnTo of openRedirects) {
      const thrown = await browser
        .run((auth) => auth.requireSession({ returnTo }), { phase: 'render', headers: navigation })
        .then(
          () => undefined,
          (error: unknown) => error,
        )
      const digest = thrown instanceof Error && 'digest' in thrown ? String(thrown.digest) : ''
      const [, , target = ''] = digest.split(';')
      const place = new URL(target, ORIGIN)
      const back = URL.parse(place.searchParams.get('returnTo') ?? '/', ORIGIN)
      if (place.origin !== ORIGIN || place.pathname !== '/oauth/login' || back?.origin !== ORIGIN)
        escapes.push(returnTo)
    }
    expect(escapes).toEqual([])
  })
})
