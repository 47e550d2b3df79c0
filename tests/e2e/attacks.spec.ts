/** Attacks that work on the usual tutorial, tried here; each is refused without a request to the token endpoint. */

import { expect, test } from '../support/e2e/fixtures.ts'
import { reachConsent, signIn, submitHandle } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { countRequests } from '../support/network/hooks.ts'
import type { LocalNetwork } from '../support/network/network.ts'
import { sendRaw } from '../support/raw-request.ts'

const tokenRequests = (network: LocalNetwork) =>
  network.pds.reduce((sum, pds) => sum + countRequests(pds, { path: '/oauth/token' }), 0)
const parRequests = (network: LocalNetwork) =>
  network.pds.reduce((sum, pds) => sum + countRequests(pds, { path: '/oauth/par' }), 0)

test('CK-2 a forged did cookie signs nobody in', async ({ page, context, app, network }) => {
  const { did } = network.accounts.alice
  const isSecure = app.origin.startsWith('https')
  const sessionCookie = isSecure ? '__Host-atproto-session' : `atproto-session-${new URL(app.origin).port}`
  for (const [name, value] of [
    ['did', did],
    [sessionCookie, did],
    [sessionCookie, btoa(JSON.stringify({ did, sessionId: 'guess' }))],
  ] as const) {
    await context.clearCookies()
    await context.addCookies([{ name, value, url: app.origin, secure: isSecure }])
    await page.goto(`${app.origin}/compose`)
    await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  }
})

test('O1 a callback URL opened in another browser is refused, and still works in the first one', async ({
  page,
  browser,
  app,
  network,
}) => {
  let stolen = ''
  // The last page on the PDS redirects to the callback, whose parts its own query holds.
  await page.route('**/oauth/authorize/redirect**', async (route) => {
    const { searchParams } = new URL(route.request().url())
    const callback = new URL(searchParams.get('redirect_uri') ?? '')
    for (const name of ['iss', 'state', 'code']) callback.searchParams.set(name, searchParams.get(name) ?? '')
    stolen = callback.href
    await route.abort()
  })
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, network.accounts.carol.handle)
  await reachConsent(page, network.accounts.carol)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await expect.poll(() => stolen).toContain('code=')

  const before = tokenRequests(network)
  const victim = await browser.newPage()
  await victim.goto(stolen)
  await expect(victim.getByRole('alert').first()).toContainText('another browser')
  expect(await victim.context().cookies(app.origin)).toEqual([])
  expect(tokenRequests(network)).toBe(before)
  await victim.close()

  await page.goto(stolen)
  await expect(
    page.getByRole('heading', { level: 1, name: network.accounts.carol.displayName }),
  ).toBeVisible()
})

test('CB-1 a replayed callback leads where it led before, and leaves the session and the server alone', async ({
  page,
  app,
  network,
}) => {
  let callback = ''
  page.on('request', (request) => {
    if (request.url().startsWith(`${app.origin}/oauth/callback`)) callback = request.url()
  })
  await signIn(page, network.accounts.carol, app)
  const before = tokenRequests(network)
  await page.goto(callback)
  await expect(page).toHaveURL(`${app.origin}/`)
  expect(tokenRequests(network)).toBe(before)
  await page.goto(app.origin)
  await expect(
    page.getByRole('heading', { level: 1, name: network.accounts.carol.displayName }),
  ).toBeVisible()
})

test('CK-7 a link on another site to the GET login starts nothing and shows the form filled in', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await startSignedIn(page, carol, app)
  const before = parRequests(network)
  const link = `${app.origin}/oauth/login?identifier=mallory.test`
  // The PDS on the other host is another site.
  const elsewhere = `${network.pds[0].url}/robots.txt`
  await page.route(elsewhere, (route) =>
    route.fulfill({ contentType: 'text/html', body: `<a href="${link}">Win</a>` }),
  )
  await page.goto(elsewhere)
  await page.getByRole('link', { name: 'Win' }).click()
  await expect(page).toHaveURL(`${app.origin}/sign-in?identifier=mallory.test`)
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('mallory.test')
  expect(parRequests(network)).toBe(before)
  // Who was signed in still is.
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
})

test('CK-7 neither an image, a fetch nor a link on an own page starts a sign-in with an account that is not there, nor does the address bar', async ({
  page,
  app,
  network,
}) => {
  const before = parRequests(network)
  const path = `/oauth/login?identifier=${network.accounts.carol.handle}`
  await page.goto(app.origin)
  await page.evaluate(async (src) => {
    const image = new Image()
    const loaded = new Promise((resolve) => image.addEventListener('error', resolve))
    image.src = src
    await loaded
    await fetch(src, { redirect: 'manual' })
  }, path)
  await page.evaluate((href) => {
    const link = document.createElement('a')
    document.body.append(Object.assign(link, { href, textContent: 'Win' }))
  }, path)
  for (const go of [
    () => page.getByRole('link', { name: 'Win' }).click(),
    () => page.goto(app.origin + path),
  ]) {
    await go()
    await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue(
      network.accounts.carol.handle,
    )
  }
  expect(parRequests(network)).toBe(before)
})

test('CK-6 C11 a form on another site neither signs in nor out nor switches accounts', async ({
  page,
  app,
  network,
}) => {
  await startSignedIn(page, network.accounts.carol, app)
  const before = parRequests(network)
  const elsewhere = `${network.pds[0].url}/robots.txt`
  for (const action of ['login', 'logout', 'switch']) {
    const form = `<form method="post" action="${app.origin}/oauth/${action}"><input name="identifier" value="mallory.test"><input name="did" value="${network.accounts.carol.did}"><button>Go</button></form>`
    await page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body: form }))
    await page.goto(elsewhere)
    const answered = page.waitForResponse(`${app.origin}/oauth/${action}`)
    await page.getByRole('button', { name: 'Go' }).click()
    expect((await answered).status()).toBe(403)
    await page.unroute(elsewhere)
  }
  expect(parRequests(network)).toBe(before)
  await page.goto(app.origin)
  await expect(
    page.getByRole('heading', { level: 1, name: network.accounts.carol.displayName }),
  ).toBeVisible()
})

/** What browsers and Next's router send when they ask ahead of a click. */
const ahead: readonly Readonly<Record<string, string>>[] = [
  { rsc: '1' },
  { rsc: '1', 'next-router-prefetch': '1' },
  { rsc: '1', 'next-router-prefetch': '2' },
  { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  { 'next-router-prefetch': '1' },
  { purpose: 'prefetch' },
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { 'sec-purpose': 'prefetch;anonymous-client-ip' },
]

test('X4 GET logout, prefetches and HEAD do nothing', async ({ page, context, app, network }) => {
  await startSignedIn(page, network.accounts.carol, app)
  const before = parRequests(network)
  const path = `/oauth/login?identifier=${network.accounts.carol.did}`
  const click = {
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const cookies = await context.cookies(app.origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  // As it is written: `fetch` would say itself what kind of request it is.
  const send = async (to: string, headers: Readonly<Record<string, string>>, method = 'GET') => {
    const request = { method, headers: { cookie, ...click, ...headers } }
    const answer = await sendRaw(app.server.url, { ...request, path: to })
    // Next asks for a mark in the address of what its router fetches.
    const marked = answer.status === 307 ? answer.headers.location : undefined
    return marked === undefined ? answer : sendRaw(app.server.url, { ...request, path: marked })
  }
  for (const headers of ahead) {
    for (const [to, expected] of [
      [path, 204],
      ['/oauth/logout', 405],
      ['/oauth/switch', 405],
    ] as const) {
      const what = `${to} ${JSON.stringify(headers)}`
      const answer = await send(to, headers)
      expect([what, answer.status, answer.headers['set-cookie']]).toEqual([what, expected, undefined])
    }
  }
  // This one Next answers by itself.
  const older = await send(path, { 'x-middleware-prefetch': '1' })
  expect([older.body.toString(), older.headers['set-cookie']]).toEqual(['{}', undefined])
  expect((await send(path, {}, 'HEAD')).status).toBe(204)
  expect(parRequests(network)).toBe(before)
  await page.goto(app.origin)
  await expect(
    page.getByRole('heading', { level: 1, name: network.accounts.carol.displayName }),
  ).toBeVisible()
  // Without any of these it is a click, and begins a new sign-in of the account.
  expect((await send(path, {})).status).toBe(303)
  expect(parRequests(network)).toBeGreaterThan(before)
})
