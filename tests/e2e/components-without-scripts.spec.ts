/** A sign-in form in the static shell of a page, which can show no error. */
import { expect, type Page, test } from '../support/e2e/components-world.ts'

async function enterNobody(page: Page): Promise<void> {
  await page.goto('/shell')
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill('nobody.test')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(/error=identity_not_found/)
  await expect(page.getByText('No account was found under that name.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('nobody.test')
}

test('with scripts, the error is on the application’s own page', async ({ page }) => {
  await enterNobody(page)
  expect(new URL(page.url()).pathname).toBe('/sign-in')
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('the error is on the plain page, at the second try, too', async ({ page }) => {
    await enterNobody(page)
    expect(new URL(page.url()).pathname).toBe('/oauth/login')
    await page.getByRole('textbox', { name: 'Handle or DID' }).fill('alice@example.com')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL(/error=identifier_is_email/)
    expect(new URL(page.url()).pathname).toBe('/oauth/login')
  })

  test('a page that shows the error itself keeps it', async ({ page }) => {
    await page.goto('/sign-in')
    await page.getByRole('textbox', { name: 'Handle or DID' }).fill('nobody.test')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL(/error=identity_not_found/)
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    await expect(page.getByText('No account was found under that name.')).toBeVisible()
  })
})
