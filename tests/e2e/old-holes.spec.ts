/**
 * What works against the usual tutorial, where the cookie is the account's DID and a callback is anybody's: another
 * person's account read, signed out, and put into a victim's browser. Here none of it does.
 */
import type { BrowserContext } from '@playwright/test'
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { ask, reachConsent, type signIn, submitHandle } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { countRequests } from '../support/network/hooks.ts'
import type { LocalNetwork } from '../support/network/network.ts'

const revocations = (network: LocalNetwork) =>
  network.pds.reduce((sum, pds) => sum + countRequests(pds, { path: '/oauth/revoke' }), 0)

/** The cookies that tutorials and earlier libraries of this kind go by. */
const forgeries = (did: string) =>
  ['did', 'sid', 'session', 'user', 'atproto-did', 'next-auth.session-token'].flatMap((name) =>
    [did, JSON.stringify({ did }), btoa(JSON.stringify({ did, sub: did }))].map((value) => ({
      name,
      value: encodeURIComponent(value),
    })),
  )

/** A browser in which every such cookie names a victim. */
async function forge(context: BrowserContext, app: RunningApp, did: string, at: number): Promise<void> {
  const isSecure = app.origin.startsWith('https')
  const chosen = forgeries(did).filter((_, index) => index % 3 === at)
  await context.addCookies(chosen.map((cookie) => ({ ...cookie, url: app.origin, secure: isSecure })))
}

/** Follows a sign-in up to its callback, which is not opened. */
async function catchCallback(
  page: Page,
  app: RunningApp,
  account: Parameters<typeof signIn>[1],
): Promise<string> {
  let callback = ''
  await page.route('**/oauth/authorize/redirect**', async (route) => {
    const { searchParams } = new URL(route.request().url())
    const url = new URL(searchParams.get('redirect_uri') ?? '')
    for (const name of ['iss', 'state', 'code']) url.searchParams.set(name, searchParams.get(name) ?? '')
    callback = url.href
    await route.abort()
  })
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, account.handle)
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await expect.poll(() => callback).toContain('code=')
  return callback
}

test('CK-2: cookies with the DID of somebody who is signed in open nothing of theirs', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await startSignedIn(page, carol, app)
  const thief = await browser.newContext({ ignoreHTTPSErrors: true })
  for (const at of [0, 1, 2]) {
    await forge(thief, app, carol.did, at)
    for (const path of ['/', '/compose', '/avatar']) {
      for (const headers of [{}, { rsc: '1' }]) {
        const answer = await ask(thief, app, path, { headers })
        expect(await answer.text()).not.toContain(carol.displayName)
        if (path === '/compose') expect(new URL(answer.url).pathname).toBe('/sign-in')
      }
    }
  }
  await thief.close()
})

test('C12: cookies and forms with somebody’s DID sign that person out nowhere', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { carol, bob } = network.accounts
  await startSignedIn(page, carol, app)
  const attacker = await browser.newContext({ ignoreHTTPSErrors: true })
  const tab = await attacker.newPage()
  await startSignedIn(tab, bob, app)
  const before = revocations(network)
  await forge(attacker, app, carol.did, 0)
  const menu = `${app.origin}/menu-of-this-test`
  for (const [action, fields] of [
    ['logout', `<input name="did" value="${carol.did}">`],
    ['logout', `<input name="did" value="${carol.did}"><input name="everywhere" value="1">`],
    ['switch', `<input name="did" value="${carol.did}">`],
  ] as const) {
    const body = `<form method="post" action="/oauth/${action}">${fields}<button>Go</button></form>`
    await tab.route(menu, (route) => route.fulfill({ contentType: 'text/html', body }))
    await tab.goto(menu)
    const answered = tab.waitForResponse(`${app.origin}/oauth/${action}`)
    await tab.getByRole('button', { name: 'Go' }).click()
    expect((await answered).status()).toBe(action === 'switch' ? 403 : 303)
    await tab.unroute(menu)
  }
  expect(revocations(network)).toBe(before)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await tab.goto(app.origin)
  await expect(tab.getByRole('heading', { level: 1, name: bob.displayName })).toBeVisible()
  await attacker.close()
})

test('CK-2 CB-2: a callback of the attacker’s own account signs no victim in, whether or not they are signed in', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { carol, bob } = network.accounts
  const attacker = await browser.newPage()
  const callback = await catchCallback(attacker, app, bob)
  await page.goto(callback)
  await expect(page.getByRole('alert').first()).toContainText('another browser')
  await page.goto(app.origin)
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()

  await startSignedIn(page, carol, app)
  await page.goto(callback)
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await expect(page.locator('body')).not.toContainText(bob.displayName)
  await attacker.close()
})

for (const client of ['loopback', 'confidential'] as const) {
  test.describe(client, () => {
    test.use({ client })

    test('CK-4: the callback comes from another site, and the cookies of the sign-in and of earlier ones come with it', async ({
      page,
      context,
      app,
      network,
    }) => {
      const { alice, bob, carol } = network.accounts
      // The one server that is another site under every address of the app.
      const accounts = client === 'loopback' ? [carol, alice] : [carol, bob]
      const flow = /atproto-flow/
      const session = /atproto-session/
      for (const [at, account] of accounts.entries()) {
        await page.goto(`${app.origin}/sign-in`)
        await submitHandle(page, account.handle)
        await reachConsent(page, account)
        const [cookie] = (await context.cookies(app.origin)).filter(({ name }) => flow.test(name))
        expect(cookie).toMatchObject({ sameSite: 'Lax', httpOnly: true, secure: client === 'confidential' })
        const asked = page.waitForRequest(`${app.origin}/oauth/callback**`)
        await page.getByRole('button', { name: 'Authorize', exact: true }).click()
        const headers = await (await asked).allHeaders()
        expect(headers['sec-fetch-site']).toBe('cross-site')
        expect(headers.cookie).toMatch(flow)
        expect(session.test(headers.cookie ?? '')).toBe(at > 0)
        // The page right after it has the session already.
        await expect(page.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
      }
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
    })
  })
}
