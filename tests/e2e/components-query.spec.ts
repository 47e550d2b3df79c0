/** The sign-in form with `query`: it can be used before its query is known, and nothing typed is lost. */
import { expect, test } from '../support/e2e/components-world.ts'

const DELAY = 3_000
const address = (query: Readonly<Record<string, string>>) =>
  `/query?${new URLSearchParams({ delay: String(DELAY), ...query })}`

test('what was typed before the query arrived stays, and so does the focus', async ({ page }) => {
  await page.goto(address({ identifier: 'bob.test', returnTo: '/devices' }), { waitUntil: 'commit' })
  const field = page.getByRole('textbox', { name: 'Handle or DID' })
  await field.fill('alice.te')
  await field.focus()
  await expect(page.locator('input[name=returnTo]')).toHaveValue('/devices')
  await expect(field).toHaveValue('alice.te')
  await expect(field).toBeFocused()
})

test('the field is filled in, and an error is shown at it, with the caret behind the text', async ({
  page,
}) => {
  await page.goto(address({ identifier: 'bob.tset', error: 'identity_not_found', scope: 'atproto' }))
  const field = page.getByRole('textbox', { name: 'Handle or DID' })
  await expect(field).toHaveValue('bob.tset')
  await expect(field).toBeFocused()
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  await expect(field).toHaveAccessibleDescription(/No account was found.*Your name on the network\./)
  expect(await field.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(8)
  await expect(page.locator('input[name=scope]')).toHaveValue('atproto')
})

test('a link that is no query of ours adds nothing', async ({ page }) => {
  await page.goto('/query?returnTo=a&returnTo=b&error=%3Cb%3E&identifier=&scope=')
  await expect(page.getByText('Sign-in failed. Try again.')).toBeVisible()
  await expect(page.locator('input[type=hidden]')).toHaveCount(0)
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('')
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('a query that is known at once is in the page', async ({ page }) => {
    await page.goto('/query?returnTo=/devices&error=access_denied')
    await expect(page.locator('[data-atproto=error]')).toBeVisible()
    await expect(page.locator('input[name=returnTo]')).toHaveValue('/devices')
  })
})
