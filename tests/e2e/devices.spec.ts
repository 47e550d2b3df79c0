/** The devices page: what it lists, and that an end is asked for twice. */
import { expect, test } from '../support/e2e/fixtures.ts'
import { ask } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'

for (const scripts of ['run', 'blocked'] as const) {
  test.describe(`scripts ${scripts}`, () => {
    test.use({ scripts })

    test('C12 another device is signed out after a question, and this one is not', async ({
      page,
      browser,
      app,
      network,
    }) => {
      const { carol } = network.accounts
      const elsewhere = await browser.newPage({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
      await startSignedIn(elsewhere, carol, app)
      await startSignedIn(page, carol, app)
      await page.goto(`${app.origin}/devices`)
      await expect(page.getByText('This device', { exact: true })).toHaveCount(1)
      await expect(page.getByText(/^Last used \d+ \w+ \d{4} · signed in \d+/).first()).toBeVisible()
      await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).first().click()
      await expect(page.getByText('Sign out Firefox on Linux?')).toBeVisible()
      await expect(page.getByRole('button', { name: 'Sign it out' })).toBeFocused()
      await page.getByRole('link', { name: 'Cancel' }).click()
      await expect(page.getByText('Sign out Firefox on Linux?')).toHaveCount(0)
      await elsewhere.goto(`${app.origin}/compose`)
      await expect(elsewhere.getByRole('textbox', { name: 'Your post' })).toBeVisible()

      await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).first().click()
      await page.getByRole('button', { name: 'Sign it out' }).click()
      await expect(page.getByText('That device is signed out.')).toBeVisible()
      await elsewhere.goto(`${app.origin}/compose`)
      await expect(elsewhere).toHaveURL(`${app.origin}/sign-in?returnTo=%2Fcompose`)
      await page.goto(app.origin)
      await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
      await elsewhere.close()
    })
  })
}

test('X4 a link that names a device, or all of them, only asks', async ({ page, context, app, network }) => {
  const { carol } = network.accounts
  await startSignedIn(page, carol, app)
  await page.goto(`${app.origin}/devices`)
  const id = await page.getByRole('listitem').getByRole('heading').first().getAttribute('id')
  for (const query of [`revoke=${id}`, 'everywhere=ask', 'revoke=<script>', 'revoke=a&revoke=b']) {
    expect((await ask(context, app, `/devices?${query}`)).status).toBe(200)
  }
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
})
