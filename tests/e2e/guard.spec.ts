/** Guarded pages: strangers are sent to sign in and come back to where they were going. */

import { expect, test } from '../support/e2e/fixtures.ts'
import { refreshIn, signInHere } from '../support/e2e/person.ts'
import { addAccount, startSignedIn } from '../support/e2e/signed-in.ts'
import { createRawSender } from '../support/raw-sender.ts'

test('a guarded page sends a stranger to sign in and back, query and all', async ({ page, app, network }) => {
  await page.goto(`${app.origin}/compose?draft=1`)
  await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose%3Fdraft%3D1`)
  await signInHere(page, network.accounts.carol, app)
  await expect(page).toHaveURL(`${app.origin}/compose?draft=1`)
  await expect(page.getByRole('textbox', { name: 'Your post' })).toBeVisible()
})

test('CK-8: the guard redirects to the app itself, whatever Host a request claims', async ({ app }) => {
  using sender = createRawSender(app.server.url)
  for (const claimed of [
    { host: 'evil.dev' },
    { 'x-forwarded-host': 'evil.dev', 'x-forwarded-proto': 'https' },
    { 'x-forwarded-host': 'evil.dev:1', forwarded: 'host=evil.dev' },
  ]) {
    const { status, headers } = await sender.send({ path: '/compose', headers: claimed })
    expect(status).toBe(307)
    expect(new URL(headers.location ?? '', app.origin).href).toBe(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  }
})

test('X1 the page asks the store: a well-formed cookie that gets past the guard sees nothing', async ({
  page,
  context,
  client,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await addAccount(page, carol, app)
  const [real] = (await context.cookies(app.origin)).filter(({ name }) => name.includes('session'))
  if (!real) throw new Error('there is no session cookie')
  const middle = Math.floor(real.value.length / 2)
  const other = real.value[middle] === 'A' ? 'B' : 'A'
  const cookie = `${real.name}=${real.value.slice(0, middle)}${other}${real.value.slice(middle + 1)}`
  const response = await fetch(`${app.server.url}/compose`, { headers: { cookie }, redirect: 'manual' })
  const text = await response.text()
  // Without a secret in its environment, the guard knows only the form: the page has then sent its shell already.
  expect(response.status).toBe(client === 'loopback' ? 200 : 307)
  expect(response.headers.get('location') ?? refreshIn(text)).toMatch(/\/sign-in\?returnTo=%2Fcompose$/)
  expect(text).not.toContain(carol.did)
})

test('a link leads to the sign-in page once the session is gone, without a reload or with one', async ({
  page,
  context,
  app,
  network,
}) => {
  await startSignedIn(page, network.accounts.carol, app)
  await context.clearCookies()
  await page.getByRole('link', { name: 'Write a post' }).first().click()
  await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
})

test('LB-4 at localhost, an address and the router lead to the same page at 127.0.0.1, where the cookie is', async ({
  page,
  app,
  client,
  network,
}) => {
  test.skip(client !== 'loopback')
  const local = app.origin.replace('127.0.0.1', 'localhost')
  const typed = await page.goto(`${local}/compose?draft=1`)
  expect(typed?.status()).toBe(200)
  await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose%3Fdraft%3D1`)
  await signInHere(page, network.accounts.carol, app)
  await expect(page).toHaveURL(`${app.origin}/compose?draft=1`)
  await page.goto(`${local}/compose?draft=2`)
  await expect(page).toHaveURL(`${app.origin}/compose?draft=2`)
  await page.goto(`${local}/`)
  // As a link does; at localhost, where everyone seems signed out, the app shows none to a guarded page.
  await page.waitForFunction('window.next?.router')
  await page.evaluate("window.next.router.push('/compose')")
  await expect(page).toHaveURL(`${app.origin}/compose`)
  await expect(page.getByRole('textbox', { name: 'Your post' })).toBeVisible()
})

test('LB-4 a form that was sent at localhost is shown again at 127.0.0.1, and says why', async ({
  page,
  app,
  client,
}) => {
  test.skip(client !== 'loopback')
  await page.goto(`${app.origin.replace('127.0.0.1', 'localhost')}/sign-in`)
  const field = page.getByLabel(/handle/i).first()
  await field.fill('carol.test')
  await field.press('Enter')
  await expect(page.getByText('sign-in works only at this one. Press the button once more.')).toBeVisible()
  expect(new URL(page.url()).origin).toBe(app.origin)
  await expect(field).toHaveValue('carol.test')
})
