/** The sign-in form on a page whose Content-Security-Policy stops it. */
import { expect, expectAccessible, type Page, test } from '../support/e2e/components-world.ts'
import { reachConsent, submitHandle } from '../support/e2e/person.ts'

/** Adds the header to the sign-in page. */
async function setPolicy(page: Page, policy: string): Promise<void> {
  await page.route(/\/sign-in\?/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } })
  })
}

const alert = (page: Page) => page.getByRole('main').getByRole('alert')

test("form-action 'self' stops the redirect: the form says so, can be used again, and the console names it", async ({
  page,
  site,
}) => {
  const printed: string[] = []
  page.on('console', (message) => printed.push(message.text()))
  await setPolicy(page, "form-action 'self'")
  await page.goto('/sign-in?returnTo=/')
  await submitHandle(page, site.network.accounts.alice.handle)
  await expect(alert(page)).toHaveText(/The settings of this site keep the browser from going on/)
  const button = page.getByRole('button', { name: 'Sign in', exact: true })
  await expect(button).not.toHaveAttribute('aria-disabled')
  expect(printed.join('\n')).toContain("a sign-in needs form-action 'self' https:.")
  await button.click()
  await expect(alert(page)).toHaveCount(1)
  await expectAccessible(page)
  await expect(button).not.toHaveAttribute('aria-disabled')
})

test("form-action 'self' with the origins of servers lets the sign-in through", async ({ page, site }) => {
  // On this machine they are on http, elsewhere `https:` is enough.
  await setPolicy(page, "form-action 'self' https: http:")
  await page.goto('/sign-in?returnTo=/')
  await submitHandle(page, site.network.accounts.alice.handle)
  await reachConsent(page, site.network.accounts.alice)
})
