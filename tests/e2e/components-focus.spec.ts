/** What a page that stays open shows after another tab has signed out or changed accounts. */
import { expect, type Page, test } from '../support/e2e/components-world.ts'
import { addAccount } from '../support/e2e/signed-in.ts'

const isSession = (request: { url(): string }) => new URL(request.url()).pathname === '/oauth/session'

/** What a browser does when the user comes back to the window; all pages of this browser count as shown. */
async function comeBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
}

async function signOutElsewhere(page: Page): Promise<void> {
  const other = await page.context().newPage()
  await other.goto('/')
  await other.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(other).toHaveURL('/?signed-out')
  await other.close()
}

test('a sign-out in another tab shows when the user comes back, and the page keeps what was typed', async ({
  page,
  site,
}) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  await page.goto('/state')
  await page.getByLabel('Draft').fill('half a sentence')
  await expect(page.getByText('Welcome.')).toBeVisible()
  await signOutElsewhere(page)
  await expect(page.getByRole('banner').getByText(`active: ${alice.did}`)).toBeVisible()
  await comeBack(page)
  await expect(page.getByRole('banner').getByText('Nobody is signed in.')).toBeVisible()
  await expect(page.getByText('Please sign in.')).toBeVisible()
  await expect(page.getByText('Welcome.')).toHaveCount(0)
  // The menu is a server component.
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  await expect(page.getByLabel('Draft')).toHaveValue('half a sentence')
})

test('another account of the same browser shows too, in the menu as well', async ({ page, site }) => {
  const { alice, bob } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  await page.goto('/menu')
  await expect(page.getByRole('banner').getByText(`active: ${alice.did}`)).toBeVisible()
  await addAccount(page, bob, { origin: site.url, server: site })
  await comeBack(page)
  await expect(page.getByRole('banner').getByText(`active: ${bob.did}`)).toBeVisible()
  await expect(page.getByRole('banner').locator('summary')).toContainText(bob.did)
})

test('nothing is rendered again while nothing has changed, and a provider that may not ask does not', async ({
  page,
}) => {
  const asked: string[] = []
  page.on('request', (request) => request.resourceType() === 'fetch' && asked.push(request.url()))
  await page.goto('/quiet')
  await comeBack(page)
  await comeBack(page)
  await (await page.waitForResponse((response) => isSession(response.request()))).finished()
  await page.waitForLoadState('networkidle')
  expect(asked.map((url) => new URL(url).pathname)).toEqual(['/oauth/session'])
  await expect(page.getByRole('main').getByText('active: did:plc:quiet')).toBeVisible()
})

test('useSessionState says that a fetch has failed, keeps the status, and recovers', async ({
  page,
  site,
}) => {
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  await page.goto('/state')
  const state = page.locator('[data-part=state]')
  await expect(state).toHaveText('active, idle, no error')
  const check = page.getByRole('button', { name: 'Check' })
  {
    await using _outage = await site.takeStoreDown()
    await check.click()
    await expect(state).toHaveText('active, idle, /oauth/session responded with status 503.')
  }
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  await page.route('/oauth/session', async (route) => {
    await held
    await route.continue()
  })
  await check.click()
  await expect(state).toHaveText(/^active, loading,/)
  release()
  await expect(state).toHaveText('active, idle, no error')
})

test('a refetch after a sign-out shows it, although an answer from before is still under way', async ({
  page,
  site,
}) => {
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  await page.goto('/state')
  const state = page.locator('[data-part=state]')
  await expect(state).toHaveText('active, idle, no error')
  const { promise: signedOut, resolve: release } = Promise.withResolvers<void>()
  const begun = page.waitForRequest(isSession)
  await page.route(
    '/oauth/session',
    async (route) => {
      const answer = await route.fetch()
      await signedOut
      await route.fulfill({ response: answer })
    },
    { times: 1 },
  )
  const check = page.getByRole('button', { name: 'Check' })
  await check.click()
  await begun
  await signOutElsewhere(page)
  await check.click()
  release()
  await expect(state).toHaveText('none, idle, no error')
  await expect(page.getByText('Welcome.')).toHaveCount(0)
})

test('a clock that is set back delays nothing', async ({ page }) => {
  await page.goto('/quiet')
  await page.evaluate(() => {
    const now = Date.now
    Date.now = () => now() - 86_400_000
  })
  const asked = page.waitForRequest(isSession)
  await comeBack(page)
  await asked
})

test('an answer that is none signs no one out', async ({ page, site }) => {
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  await page.goto('/state')
  const state = page.locator('[data-part=state]')
  const hostile = [
    { body: '<!doctype html><p>Sign in', contentType: 'text/html' },
    { body: 'null' },
    { body: '{"kind":["none"]}' },
    { status: 204 },
    { status: 500, body: '{"kind":"none"}' },
    { status: 302, headers: { location: '/' } },
  ]
  for (const answer of hostile) {
    await page.route('/oauth/session', (route) => route.fulfill(answer), { times: 1 })
    await page.getByRole('button', { name: 'Check' }).click()
    await expect(state, JSON.stringify(answer)).toHaveText(/^active, idle, (?!no error)/)
    await expect(page.getByText('Welcome.')).toBeVisible()
    await page.getByRole('button', { name: 'Check' }).click()
    await expect(state).toHaveText('active, idle, no error')
  }
})

test('a page that was rendered during an outage recovers when the user comes back', async ({
  page,
  site,
}) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  {
    await using _outage = await site.takeStoreDown()
    await page.goto('/state')
    await expect(page.locator('[data-part=state]')).toHaveText('unknown, idle, no error')
    await expect(page.getByText(/Welcome|Please sign in/)).toHaveCount(0)
  }
  await comeBack(page)
  await expect(page.getByRole('banner').locator('summary')).toContainText(alice.did)
  await expect(page.getByText('Welcome.')).toBeVisible()
})

test('what is for others never flashes: it is not in the HTML of the server', async ({ page, site }) => {
  const partsOf = async () =>
    (await (await page.request.get('/state')).text()).match(/<p data-part="(in|out)"/g)
  expect(await partsOf()).toEqual(['<p data-part="out"'])
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  expect(await partsOf()).toEqual(['<p data-part="in"'])
})
