/** Several accounts in one browser, and one account in several browsers; changed by plain forms. */
import { expect, type Page, type RunningApp, test } from './fixtures.ts'
import { signIn } from './person.ts'

/** Sends a form from a page of the app, as an account menu would, without a script. */
async function sendForm(
  page: Page,
  app: RunningApp,
  { action, fields }: { readonly action: string; readonly fields: Readonly<Record<string, string>> },
): Promise<void> {
  const menu = `${app.origin}/menu-of-this-test`
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`)
  const body = `<form method="post" action="${action}">${inputs.join('')}<button>Go</button></form>`
  await page.route(menu, (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto(menu)
  await page.getByRole('button', { name: 'Go' }).click()
  await page.waitForURL(`${app.origin}/`)
}

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
  await signIn(page, alice, app)
  await signIn(page, bob, app)
  await sendForm(page, app, { action: '/oauth/switch', fields: { did: alice.did } })
  await expectSignedIn(page, alice.displayName)
  await page.reload()
  await expectSignedIn(page, alice.displayName)
  const cookies = (await context.cookies(app.origin)).filter(({ name }) => name.includes('atproto'))
  expect(cookies.map(({ value }) => value.length < 1_024)).toEqual([true])

  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectSignedIn(page, bob.displayName)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectNobody(page)
})

test('C12 a second browser stays signed in when the first one signs out', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await signIn(page, alice, app)
  const elsewhere = await browser.newPage()
  await signIn(elsewhere, alice, app)
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
  await signIn(page, alice, app)
  const elsewhere = await browser.newPage()
  await signIn(elsewhere, alice, app)
  await sendForm(page, app, { action: '/oauth/logout', fields: { everywhere: '1' } })
  await expectNobody(page)
  await elsewhere.goto(`${app.origin}/compose`)
  await expect(elsewhere).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
  await elsewhere.close()
})
