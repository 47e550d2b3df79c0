/** Guarded pages: strangers are sent to sign in and come back to where they were going. */

import { expect, test } from '../support/e2e/fixtures.ts'
import { ask, signInHere } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
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
  context,
  app,
}) => {
  const name = app.origin.startsWith('https')
    ? '__Host-atproto-session'
    : `atproto-session-${new URL(app.origin).port}`
  const cookie = `${name}=Fe26.2*1*abc*def*ghi*~2`
  const response = await fetch(`${app.server.url}/compose`, { headers: { cookie }, redirect: 'manual' })
  expect(response.status).toBe(307)
  expect(response.headers.get('location')).toMatch(/\/sign-in\?returnTo=%2Fcompose$/)
  expect(await response.text()).not.toContain('Your post')
  const answer = await ask(context, app, '/compose')
  expect(answer.headers.get('location') ?? answer.url).toContain('/sign-in')
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
