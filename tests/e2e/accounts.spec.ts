/** Several accounts in one browser, and one account in several browsers; changed by plain forms. */
import { expect, type Page, test } from '../support/e2e/fixtures.ts'
import { openMenu, signIn } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'

async function expectSignedIn(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

async function expectNobody(page: Page): Promise<void> {
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
}

test('C11 two accounts in one browser: switching, and signing out of one leaves the other', async ({
  page,
  context,
  app,
  network,
}) => {
  const { alice, bob } = network.accounts
  await startSignedIn(page, alice, app)
  await signIn(page, bob, app)
  await openMenu(page)
  await page.getByRole('button', { name: `Switch to ${alice.displayName}` }).click()
  await expectSignedIn(page, alice.displayName)
  await page.reload()
  await expectSignedIn(page, alice.displayName)
  const cookies = (await context.cookies(app.origin)).filter(({ name }) => name.includes('atproto-session'))
  expect(cookies.map(({ value }) => value.length < 1_024)).toEqual([true])

  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectSignedIn(page, bob.displayName)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectNobody(page)
})

test('C11 signing out of the account that is not in use leaves the one that is', async ({
  page,
  app,
  network,
}) => {
  const { alice, carol } = network.accounts
  await startSignedIn(page, carol, app)
  await startSignedIn(page, alice, app)
  await openMenu(page)
  await page.getByRole('button', { name: `Sign out of ${carol.displayName}` }).click()
  await expectSignedIn(page, alice.displayName)
  await openMenu(page)
  await expect(page.getByRole('button', { name: /^Switch to/ })).toHaveCount(0)
})

test('C12 a second browser stays signed in when the first one signs out', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await startSignedIn(page, alice, app)
  const elsewhere = await browser.newPage()
  await startSignedIn(elsewhere, alice, app)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectNobody(page)
  await elsewhere.reload()
  await expectSignedIn(elsewhere, alice.displayName)
  await elsewhere.close()
})

test('C12 signing out everywhere ends the account’s sessions in both browsers', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await startSignedIn(page, alice, app)
  const elsewhere = await browser.newPage()
  await startSignedIn(elsewhere, alice, app)
  await page.goto(`${app.origin}/devices`)
  await page.getByRole('link', { name: 'Sign out everywhere…' }).click()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expectNobody(page)
  await elsewhere.goto(`${app.origin}/compose`)
  await expect(elsewhere).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  await elsewhere.close()
})
