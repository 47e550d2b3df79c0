/** With scripts, which keep the page where it is. */
import { expect, test } from '../support/e2e/fixtures.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'

test('a draft is not lost when the session has ended meanwhile', async ({ page, context, app, network }) => {
  await startSignedIn(page, network.accounts.carol, app)
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill('A long draft')
  await context.clearCookies({ name: /session/ })
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.locator('#post-error')).toContainText('Your session has ended')
  await expect(page.getByRole('textbox', { name: 'Your post' })).toHaveValue('A long draft')
})
