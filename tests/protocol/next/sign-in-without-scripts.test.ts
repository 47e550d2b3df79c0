/**
 * A form without a query, as the static shell of an application's own sign-in page has it: what it leaves out is taken
 * from the address of that page, and an error is shown where it can be.
 */
import { describe, expect, it } from 'vitest'
import type { AtprotoAuthOptions } from '../../../lib/next/config/options.ts'
import { createNextApp, navigation, ORIGIN, ownForm, type Visitor } from '../../support/protocol/next-app.ts'
import { alice, startScriptedNetwork } from '../../support/protocol/scripted-network.ts'
import { recordLog } from '../../support/record-log.ts'

const POST = 'repo:app.bsky.feed.post'

async function start(options: AtprotoAuthOptions = {}) {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startScriptedNetwork())
  const { auth, visit } = createNextApp(network, {
    signInPage: '/sign-in',
    afterSignIn: '/home',
    scope: `atproto ${POST}`,
    signInScope: 'atproto',
    ...options,
  })
  const owned = stack.move()
  return { network, auth, visitor: visit(), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

type App = Awaited<ReturnType<typeof start>>

/** Signs in by a form that came with that Referer: what was asked for, and where the browser ends. */
async function signInFrom({ network, visitor }: App, referer: string, fields: Record<string, string> = {}) {
  const form = { identifier: alice.handle, ...fields }
  const begun = await visitor.post('/oauth/login', form, { ...ownForm, referer })
  const asked = network.sent('/oauth/par').at(-1)?.form.get('scope')
  return { asked, end: await approve(network, visitor, begun) }
}

async function approve(network: App['network'], visitor: Visitor, begun: Response) {
  const { pathname, search } = network.home.as.approve(
    new URL(begun.headers.get('location') ?? ''),
    alice.did,
  )
  return (await visitor.get(pathname + search)).headers.get('location')
}

const query = new URLSearchParams({ returnTo: '/compose?draft=1', scope: `atproto ${POST}` })
const own = `${ORIGIN}/sign-in?${query}`

describe('a form that lacks returnTo and scope', () => {
  it('takes them from the address of the application’s own sign-in page', async () => {
    await using app = await start()
    expect(await signInFrom(app, own)).toEqual({ asked: `atproto ${POST}`, end: '/compose?draft=1' })
  })

  it('takes them from that page with a slash at its end, as trailingSlash makes it', async () => {
    await using app = await start()
    expect(await signInFrom(app, `${ORIGIN}/sign-in/?${query}`)).toMatchObject({ end: '/compose?draft=1' })
  })

  it('takes them under a basePath from the page below it alone', async () => {
    await using app = await start({ publicUrl: `${ORIGIN}/shop` })
    expect(await signInFrom(app, own)).toMatchObject({ end: '/shop/home' })
    const below = own.replace('/sign-in', '/shop/sign-in')
    expect(await signInFrom(app, below)).toMatchObject({ end: '/shop/compose?draft=1' })
  })

  it('has the last word where it names them itself', async () => {
    await using app = await start()
    expect(await signInFrom(app, own, { returnTo: '/elsewhere', scope: 'atproto' })).toEqual({
      asked: 'atproto',
      end: '/elsewhere',
    })
  })

  it('keeps one that it names, and takes the other', async () => {
    await using app = await start()
    expect(await signInFrom(app, own, { returnTo: '/elsewhere', scope: '' })).toEqual({
      asked: `atproto ${POST}`,
      end: '/elsewhere',
    })
  })

  it.each([
    ['of another site', `https://evil.dev/sign-in?${query}`],
    ['of another port', `http://127.0.0.1:3001/sign-in?${query}`],
    ['of the other scheme', own.replace('http:', 'https:')],
    ['of another path of this site', `${ORIGIN}/blog/sign-in?${query}`],
    ['of a path that begins like it', `${ORIGIN}/sign-inn?${query}`],
    ['with userinfo', own.replace('http://', 'http://127.0.0.1:3000@')],
    ['with a password', own.replace('http://', 'http://a:b@')],
    ['that hides this site in its userinfo', `http://127.0.0.1:3000@evil.dev/sign-in?${query}`],
    ['that is a blob of this site', `blob:${own}`],
    ['that is oversized', `${own}&x=${'x'.repeat(4_096)}`],
    ['that is no address', 'sign-in?returnTo=/compose'],
    ['that is empty', ''],
    ['with two of each', `${own}&${query}`],
  ])('takes nothing from a Referer %s', async (_what, referer) => {
    await using app = await start()
    expect(await signInFrom(app, referer)).toEqual({ asked: 'atproto', end: '/home' })
  })

  it.each([
    '//evil.dev',
    '/\\evil.dev',
    'https://evil.dev',
    '/\t/evil.dev',
    '/.//evil.dev',
    '/oauth/logout',
    `/${'x'.repeat(2_100)}`,
  ])('is no open redirect by the Referer’s returnTo %j', async (returnTo) => {
    await using app = await start()
    recordLog()
    const referer = `${ORIGIN}/sign-in?${new URLSearchParams({ returnTo })}`
    expect(await signInFrom(app, referer)).toMatchObject({ end: '/home' })
  })

  it('asks for no scope of the Referer that the application does not declare', async () => {
    await using app = await start()
    recordLog()
    const referer = `${ORIGIN}/sign-in?${new URLSearchParams({ scope: 'atproto transition:generic' })}`
    const begun = await app.visitor.post(
      '/oauth/login',
      { identifier: alice.handle },
      { ...ownForm, referer },
    )
    expect(begun.headers.get('location')).toContain('/sign-in?error=configuration')
    expect(app.network.sent('/oauth/par')).toHaveLength(0)
  })

  it('of another site is refused, whatever its Referer says', async () => {
    await using app = await start()
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.dev', referer: own }
    expect((await app.visitor.post('/oauth/login', { identifier: alice.handle }, headers)).status).toBe(403)
  })
})

describe('a form that says that scripts are off', () => {
  const form = { identifier: 'nobody.test', scripts: 'off' }
  const referred = { ...ownForm, referer: own }

  it('gets its error on the plain page, which needs none, with all that was asked for', async () => {
    await using app = await start()
    recordLog()
    const refused = await app.visitor.post('/oauth/login', form, referred)
    const location = refused.headers.get('location') ?? ''
    expect(location).toMatch(/^\/oauth\/login\?/)
    const shown = await app.visitor.get(location)
    const html = await shown.text()
    expect(shown.status).toBe(200)
    expect(html).toContain('role="alert"')
    expect(html).toContain('value="nobody.test"')
    expect(html).toContain('name="returnTo" value="/compose?draft=1"')
    expect(html).toContain(`name="scope" value="atproto ${POST}"`)
    expect(html).toContain('name="scripts" value="off"')
    // The second try, from the plain page, ends where the first would have.
    const again = await app.visitor.post('/oauth/login', {
      identifier: alice.handle,
      returnTo: '/compose?draft=1',
      scope: `atproto ${POST}`,
      scripts: 'off',
    })
    expect(await approve(app.network, app.visitor, again)).toBe('/compose?draft=1')
  })

  it('gets the error of the callback there, too', async () => {
    await using app = await start()
    recordLog()
    const begun = await app.visitor.post('/oauth/login', { ...form, identifier: alice.handle }, referred)
    const state = new URL(
      app.network.home.as.approve(new URL(begun.headers.get('location') ?? ''), alice.did),
    ).searchParams
    const denied = new URLSearchParams({
      error: 'access_denied',
      state: state.get('state') ?? '',
      iss: state.get('iss') ?? '',
    })
    const back = await app.visitor.get(`/oauth/callback?${denied}`, navigation)
    const { pathname, searchParams } = new URL(back.headers.get('location') ?? '', ORIGIN)
    expect(pathname).toBe('/oauth/login')
    expect(Object.fromEntries(searchParams)).toMatchObject({ scripts: 'off', returnTo: '/compose?draft=1' })
  })

  it('is sent to the application’s own page when it does not say so', async () => {
    await using app = await start()
    recordLog()
    for (const scripts of ['', 'on', 'OFF', 'off ']) {
      const refused = await app.visitor.post('/oauth/login', { ...form, scripts }, referred)
      expect(refused.headers.get('location')).toMatch(/^\/sign-in\?error=/)
    }
  })

  it('changes nothing for an application that has the plain page alone', async () => {
    await using app = await start({ signInPage: undefined })
    recordLog()
    const refused = await app.visitor.post('/oauth/login', form)
    expect(refused.headers.get('location')).toMatch(/^\/oauth\/login\?error=/)
  })
})
