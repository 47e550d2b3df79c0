/** What goes wrong by mistake or misfortune ends on a clear page, without a stack trace and without half a session. */
import { DatabaseSync } from 'node:sqlite'
import { expect, type Page, test } from '../support/e2e/fixtures.ts'
import { reachConsent, submitHandle } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { pauseAnswers, resumeAnswers } from '../support/network/hooks.ts'

async function expectProblem(page: Page, text: string | RegExp): Promise<void> {
  await expect(page.locator('main').getByRole('alert')).toContainText(text)
  await expect(page.locator('body')).not.toContainText(/\bat .+\.[jt]s:\d+/)
}

test('a malformed handle is explained and kept in the form', async ({ page, app }) => {
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, 'not a handle!')
  await expectProblem(page, 'not a handle')
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('not a handle!')
})

test('an unknown handle is explained', async ({ page, app }) => {
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, 'nobody.test')
  await expectProblem(page, 'No account was found')
})

test('a PDS that is down is explained', async ({ page, app, network }) => {
  pauseAnswers(network.pds[1])
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, network.accounts.bob.handle)
  await expectProblem(page, 'is not responding')
  resumeAnswers(network.pds[1])
})

test('a PDS that goes down later signs nobody out', async ({ page, app, network }) => {
  const { bob } = network.accounts
  await startSignedIn(page, bob, app)
  pauseAnswers(network.pds[1], 'drop')
  await page.goto(app.origin)
  await expect(page.getByRole('main')).toContainText('did not answer')
  resumeAnswers(network.pds[1])
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: bob.displayName })).toBeVisible()
})

test('consent that is denied leads back to the form, with the place to return to', async ({
  page,
  context,
  app,
  network,
}) => {
  await page.goto(`${app.origin}/compose`)
  await submitHandle(page, network.accounts.carol.handle)
  await reachConsent(page, network.accounts.carol)
  await page.getByRole('button', { name: 'Deny access' }).click()
  await expectProblem(page, 'cancelled')
  await expect(page).toHaveURL(/returnTo=%2Fcompose/)
  expect((await context.cookies(app.origin)).filter(({ name }) => name.includes('session'))).toEqual([])
})

test('a sign-in that has expired is explained', async ({ page, app, network }) => {
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, network.accounts.carol.handle)
  await reachConsent(page, network.accounts.carol)
  using database = new DatabaseSync(app.database)
  database.exec(`PRAGMA busy_timeout = 5000; UPDATE entry SET expires_at = 1 WHERE key LIKE 'state:%'`)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await expectProblem(page, 'expired')
})

test('a callback that is malformed is explained, and its text is not repeated', async ({ page, app }) => {
  await page.goto(
    `${app.origin}/oauth/callback?error=server_error&error_description=<b>Call+0800</b>&state=x`,
  )
  await expectProblem(page, 'Sign-in failed')
  await expect(page.locator('body')).not.toContainText('0800')
})

test('a truncated or altered cookie is a visitor, not an error', async ({ page, context, app, network }) => {
  await startSignedIn(page, network.accounts.carol, app)
  const [cookie] = (await context.cookies(app.origin)).filter(({ name }) => name.includes('session'))
  if (!cookie) throw new Error('there is no session cookie')
  const middle = Math.floor(cookie.value.length / 2)
  const altered =
    cookie.value.slice(0, middle) +
    (cookie.value[middle] === 'A' ? 'B' : 'A') +
    cookie.value.slice(middle + 1)
  for (const value of [cookie.value.slice(0, -40), altered, '']) {
    await context.addCookies([{ ...cookie, value }])
    const response = await page.goto(app.origin)
    expect(response?.status()).toBe(200)
    await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  }
})

test('an empty post and a post that is too long are explained, and the text is kept', async ({
  page,
  app,
  network,
}) => {
  await startSignedIn(page, network.accounts.carol, app)
  await page.goto(`${app.origin}/compose`)
  const text = page.getByRole('textbox', { name: 'Your post' })
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.locator('#post-error')).toContainText('Write something first')
  await text.fill('👩‍👩‍👧 '.repeat(160))
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.locator('#post-error')).toContainText('19 characters too long')
  await expect(text).toHaveValue(/👩‍👩‍👧/)
})
