/** The app signs in with little and asks for more on the pages that need it; people may decline. */

import { expect, test } from '../support/e2e/fixtures.ts'
import { approve, reachConsent, signInHere } from '../support/e2e/person.ts'
import { addAccount, addPictures } from '../support/e2e/signed-in.ts'
import { countRequests } from '../support/network/hooks.ts'

test('SC-7 pictures are asked for where they are wanted, once, and the draft comes along', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await addAccount(page, carol, app)
  await page.goto(`${app.origin}/compose`)
  await expect(page.getByRole('button', { name: 'Add pictures' })).toHaveCount(0)
  const text = page.getByRole('textbox', { name: 'Your post' })
  await text.fill('A mad tea-party')
  await page.getByRole('link', { name: 'Add pictures' }).click()
  await approve(page, carol, app)
  await expect(page).toHaveURL(`${app.origin}/compose`)
  await expect(text).toHaveValue('A mad tea-party')
  await expect(page.getByRole('button', { name: 'Add pictures' })).toBeVisible()
  await page.goto(`${app.origin}/compose/pictures`)
  await expect(page).toHaveURL(`${app.origin}/compose`)
})

test('SC-7 a stranger signs in once for a page that needs more, and has the permission there', async ({
  page,
  app,
  network,
}) => {
  await page.goto(`${app.origin}/compose/pictures`)
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await signInHere(page, network.accounts.carol, app)
  await expect(page).toHaveURL(`${app.origin}/compose`)
  await expect(page.getByRole('button', { name: 'Add pictures' })).toBeVisible()
})

test('SC-7 a permission that is there already is kept when another one is added', async ({
  page,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await addAccount(page, alice, app)
  await addPictures(page, alice, app)
  await page.goto(`${app.origin}/timeline`)
  await page.getByRole('link', { name: 'Ask my server' }).click()
  await approve(page, alice, app)
  await expect(page).toHaveURL(`${app.origin}/timeline`)
  await page.goto(`${app.origin}/compose`)
  await expect(page.getByRole('button', { name: 'Add pictures' })).toBeVisible()
})

test('SC-7 who declines stays signed in, is told so, and can go on without', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await addAccount(page, carol, app)
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('link', { name: 'Add pictures' }).click()
  await reachConsent(page, carol)
  await page.getByRole('button', { name: 'Deny access' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The permission was not granted')
  await expect(page.getByRole('button', { name: 'Ask my server again' })).toBeVisible()
  await page.getByRole('link', { name: 'Continue without it' }).click()
  await expect(page.getByRole('textbox', { name: 'Your post' })).toBeVisible()
})

test('CK-7 a link on another site to a page that needs more asks no server', async ({
  page,
  app,
  network,
}) => {
  await addAccount(page, network.accounts.carol, app)
  const requests = () => countRequests(network.pds[0], { path: '/oauth/par' })
  const before = requests()
  const elsewhere = `${network.pds[0].url}/robots.txt`
  const body = `<a href="${app.origin}/compose/pictures">Win</a>`
  await page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto(elsewhere)
  await page.getByRole('link', { name: 'Win' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  expect(requests()).toBe(before)
})

test('X6 the way on without a permission leads nowhere but into the app', async ({ page, app, network }) => {
  await addAccount(page, network.accounts.carol, app)
  for (const returnTo of ['https://evil.example', '//evil.example', 'javascript:alert(1)']) {
    const query = new URLSearchParams({ error: 'scope_missing', scope: 'atproto', returnTo })
    await page.goto(`${app.origin}/sign-in?${query}`)
    await expect(page.getByRole('link', { name: 'Continue without it' })).toHaveAttribute('href', '/')
  }
})
