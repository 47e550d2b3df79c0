/** Two tabs, two accounts, two clicks and the back button: each does what its person meant. */

import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import {
  openComposer,
  openMenu,
  postsOnPds,
  reachConsent,
  signIn,
  submitHandle,
} from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { launchBrowser } from '../support/real-browser.ts'

type Account = Parameters<typeof signIn>[1]

/** Goes as far as the server's consent page. */
async function begin(page: Page, account: Account, { app, returnTo }: { app: RunningApp; returnTo: string }) {
  await page.goto(`${app.origin}/sign-in?${new URLSearchParams({ returnTo })}`)
  await submitHandle(page, account.handle)
  await reachConsent(page, account)
}

async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
}

test('O13: two tabs sign in at the same time, the later one first, and each goes where it was going', async ({
  page,
  context,
  app,
  network,
}) => {
  const { carol } = network.accounts
  const second = await context.newPage()
  await begin(page, carol, { app, returnTo: '/compose?draft=1' })
  await begin(second, carol, { app, returnTo: '/?tab=2' })
  await approve(second)
  await second.waitForURL(`${app.origin}/?tab=2`)
  await approve(page)
  await page.waitForURL(`${app.origin}/compose?draft=1`)
  await second.reload()
  await expect(second.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  const left = (await context.cookies(app.origin)).map(({ name }) => name)
  // Those of finished sign-ins stay for ten minutes.
  expect(left.filter((name) => name.includes('flow') && !name.includes('-0-'))).toEqual([])
})

test('C11: two tabs sign in with two accounts at the same time: both are there, the later one is the active one', async ({
  page,
  context,
  app,
  network,
}) => {
  const { carol, bob } = network.accounts
  const second = await context.newPage()
  await begin(page, carol, { app, returnTo: '/' })
  await begin(second, bob, { app, returnTo: '/' })
  await approve(page)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await approve(second)
  await expect(second.getByRole('heading', { level: 1, name: bob.displayName })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: bob.displayName })).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
})

test('a double click on "Sign in" begins a sign-in that works', async ({ page, context, app, network }) => {
  const { carol } = network.accounts
  await page.goto(`${app.origin}/sign-in`)
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill(carol.handle)
  await page.getByRole('button', { name: 'Sign in', exact: true }).dblclick()
  await reachConsent(page, carol)
  await approve(page)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  const flows = (await context.cookies(app.origin)).filter(({ name }) => name.includes('flow'))
  // The click that the browser gave up for the other one may have left its own, which ends by itself.
  expect(flows.length).toBeLessThanOrEqual(1)
})

test('a double click on "Sign out" signs out, once and without an error', async ({ page, app, network }) => {
  await startSignedIn(page, network.accounts.carol, app)
  const answers: number[] = []
  page.on('response', (response) => {
    if (new URL(response.url()).pathname === '/oauth/logout') answers.push(response.status())
  })
  await page.getByRole('button', { name: 'Sign out' }).dblclick()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  expect([...new Set(answers)]).toEqual([303])
})

test('the callback opened twice at once signs in once, and nobody is signed out by it', async ({
  page,
  context,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await begin(page, carol, { app, returnTo: '/' })
  const second = await context.newPage()
  const callback = page.waitForRequest(`${app.origin}/oauth/callback**`)
  await approve(page)
  // May come before or after the first one is answered.
  await second.goto((await callback).url())
  await page.waitForURL(`${app.origin}/**`)
  for (const tab of [page, second]) {
    await tab.goto(app.origin)
    await expect(tab.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  }
})

test('going back after signing in is no error, and going forward again is signed in', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await signIn(page, carol, app)
  for (let steps = 0; steps < 4; steps += 1) {
    const response = await page.goBack()
    if (response?.url().startsWith(app.origin)) expect(response.status()).toBeLessThan(400)
    await expect(page.locator('body')).not.toContainText('went wrong')
  }
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
})

async function expectNothingAfterSignOut(page: Page, app: RunningApp, account: Account): Promise<void> {
  await startSignedIn(page, account, app)
  await page.getByRole('link', { name: 'Write a post' }).click()
  await expect(page.getByRole('textbox', { name: 'Your post' })).toBeVisible()
  await page.goto(app.origin)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  for (let steps = 0; steps < 3; steps += 1) {
    await page.goBack()
    await expect(
      page.getByRole('link', { name: 'Sign in' }).or(page.getByRole('textbox')).first(),
    ).toBeVisible()
    await expect(page.locator('body')).not.toContainText(account.displayName)
    await expect(page.getByRole('textbox', { name: 'Your post' })).toHaveCount(0)
  }
}

test('CK-9: going back after signing out shows nothing of the person', async ({ app, network }) => {
  // As people have it: Playwright turns off the cache that keeps whole pages for going back.
  const browser = await launchBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  await expectNothingAfterSignOut(await browser.newPage({ locale: 'en-US' }), app, network.accounts.carol)
  await browser.close()
})

test('going back to a page that needs a sign-in leaves nothing of the router in the address', async ({
  app,
}) => {
  // Where a test may answer requests, Playwright turns off the cache, from which browsers take redirects for Back.
  const browser = await launchBrowser()
  const page = await browser.newPage({ locale: 'en-US' })
  await page.goto(app.origin)
  // As the router prefetches a link. How it ends does not matter: what counts are the redirects on the way.
  await page.evaluate(async () => {
    const headers = { rsc: '1', 'next-router-prefetch': '1' }
    await fetch('/compose?_rsc=1x2y3', { headers }).catch(() => undefined)
  })
  await page.evaluate(() => history.pushState(null, '', '/compose'))
  await page.goto(`${app.origin}/sign-in`)
  await page.goBack()
  await page.waitForURL('**/sign-in?returnTo=*')
  await expect(page).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  await browser.close()
})

test.describe('with the app’s scripts blocked', () => {
  test.use({ scripts: 'blocked' })

  test('CK-9: going back after signing out shows nothing of the person', async ({ page, app, network }) => {
    await expectNothingAfterSignOut(page, app, network.accounts.carol)
  })
})

test('C11: what a tab shows of one account is not done to another to which a second tab has switched', async ({
  page,
  context,
  app,
  network,
}) => {
  const { alice, carol } = network.accounts
  await startSignedIn(page, carol, app)
  await startSignedIn(page, alice, app)
  const text = 'One account’s post, another tab'
  await openComposer(page, app)
  await page.getByRole('textbox', { name: 'Your post' }).fill(text)
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText(text, { exact: true })).toBeVisible()
  const devices = await context.newPage()
  await devices.goto(`${app.origin}/devices?everywhere=ask`)
  const home = await context.newPage()
  await home.goto(app.origin)

  await openMenu(page)
  await page.getByRole('button', { name: `Switch to ${carol.displayName}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await devices.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(devices.getByText('Nothing was changed; these are its devices.')).toBeVisible()
  await home.getByRole('button', { name: `Delete post: ${text}` }).click()
  await expect(home.getByText('Nothing was deleted.')).toBeVisible()
  expect(await postsOnPds(alice)).toContain(text)

  await openMenu(page)
  await page.getByRole('button', { name: `Switch to ${alice.displayName}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: alice.displayName })).toBeVisible()
  await home.goto(app.origin)
  await home.getByRole('button', { name: `Delete post: ${text}` }).click()
  await expect(home.getByText('Post deleted.')).toBeVisible()
  await openMenu(home)
  await home.getByRole('button', { name: `Switch to ${carol.displayName}` }).click()
  await expect(home.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  // The page of alice, from before the switch: its button means her.
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await openMenu(page)
  await expect(page.getByRole('button', { name: /^Switch to/ })).toHaveCount(0)
})
