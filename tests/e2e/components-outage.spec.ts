/** Pages whose layout shows the session, while the session store is down. */
import { expect, test } from '../support/e2e/components-world.ts'
import { addAccount } from '../support/e2e/signed-in.ts'

const SENTENCE = 'Your accounts cannot be shown right now'
const UNKNOWN = 'Nobody can tell who is signed in.'

test('a page is shown while the store is down: the layout names nobody and signs nobody out', async ({
  page,
  site,
}) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  {
    await using _outage = await site.takeStoreDown()
    const response = await page.goto('/menu')
    expect(response?.status()).toBe(200)
    await expect(page.getByRole('heading', { name: 'Accounts' })).toBeVisible()
    await expect(page.getByRole('banner').getByText(SENTENCE)).toBeVisible()
    await expect(page.getByRole('banner').getByText(UNKNOWN)).toBeVisible()
  }
  await page.goto('/menu')
  await expect(page.getByRole('banner').getByText(`active: ${alice.did}`)).toBeVisible()
})

test('the provider within a client component also says that nobody can tell', async ({ page, site }) => {
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  await using _outage = await site.takeStoreDown()
  await page.goto('/client')
  await expect(page.getByRole('main').getByText(UNKNOWN)).toBeVisible()
})

test('a visitor without a cookie is not signed in, whatever the store does', async ({ page, site }) => {
  await using _outage = await site.takeStoreDown()
  await page.goto('/menu')
  await expect(page.getByRole('banner').getByText('Nobody is signed in.')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
})
