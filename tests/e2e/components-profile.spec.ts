/** The name and picture that the browser fetches after the page has loaded. */
import { join } from 'node:path'
import { expect, expectAccessible, type Page, test } from '../support/e2e/components-world.ts'
import { addAccount } from '../support/e2e/signed-in.ts'

const PICTURE = 'https://cdn.demo.internal/alice.svg'

const isSession = (url: URL) => url.pathname === '/oauth/session'

/** Answers of the session route that a test scripts, and what was asked. */
async function script(page: Page, answer: (call: number) => object | undefined) {
  const asked: string[] = []
  await page.route(isSession, async (route) => {
    const { search } = new URL(route.request().url())
    if (search === '?profile=1') asked.push(search)
    const json = search === '?profile=1' ? answer(asked.length) : undefined
    await (json ? route.fulfill({ json }) : route.fallback())
  })
  const path = join(import.meta.dirname, '../../public/logo.svg')
  await page.route(PICTURE, (route) => route.fulfill({ path }))
  return asked
}

const menuIn = (page: Page) => page.getByRole('main').locator('[data-atproto=account-menu]')
const name = (page: Page) => page.locator('[data-part=name]')

async function comeBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
}

test('the profile of the account, asked of a real network, is in useSession and in the menu', async ({
  page,
  site,
}) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  await page.goto('/profile')
  await expect(name(page)).toHaveText('active: Alice Liddell')
  await expect(menuIn(page).locator('summary')).toHaveAccessibleName('Accounts, Alice Liddell is active')
  await menuIn(page).locator('summary').click()
  await expect(menuIn(page).locator('[data-atproto=current-account]')).toContainText(`@${alice.handle}`)
  await expectAccessible(page)
})

test('name and picture arrive after the page, and nothing in it moves', async ({ page, site }) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  const profile = { handle: alice.handle, displayName: 'Alice Liddell', avatar: PICTURE }
  const asked = await script(page, () => ({ kind: 'active', did: alice.did, ...profile, isComplete: true }))
  await page.addInitScript(() => {
    const shifts: unknown[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({
      type: 'layout-shift',
      buffered: true,
    })
  })
  // The page is there first.
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  await page.route(isSession, async (route) => {
    await held
    await route.fallback()
  })
  await page.goto('/profile')
  const summary = menuIn(page).locator('summary')
  await expect(summary).toContainText(alice.did)
  const places = () =>
    page.evaluate(() =>
      [
        '[data-part=neighbour]',
        'main [data-atproto=account-menu-button]',
        'main [data-atproto=avatar]',
        'h1',
      ].map((selector) => JSON.stringify(document.querySelector(selector)?.getBoundingClientRect())),
    )
  const before = await places()
  // What moved while the page itself arrived, in pieces, is not the matter here.
  const shifts = () => page.evaluate(() => Reflect.get(window, 'shifts').length)
  const whileLoading = await shifts()
  release()
  await expect(name(page)).toHaveText('active: Alice Liddell')
  await expect(summary.getByText('Alice Liddell')).toBeVisible()
  await expect(summary.locator('img')).toHaveAttribute('src', PICTURE)
  expect(await places()).toEqual(before)
  expect(await shifts()).toBe(whileLoading)
  expect(asked).toHaveLength(1)
})

test('the profile is fetched again when the user comes back, and stays when a server cannot be asked', async ({
  page,
  site,
}) => {
  const { alice } = site.network.accounts
  await addAccount(page, alice, { origin: site.url, server: site })
  const known = { kind: 'active', did: alice.did, isComplete: true }
  const answers = [
    { ...known, displayName: 'Alice' },
    { ...known, displayName: 'Alicia', handle: alice.handle },
    { kind: 'active', did: alice.did, isComplete: false },
    { ...known, handle: alice.handle },
  ]
  await script(page, (call) => answers[Math.min(call, answers.length) - 1])
  await page.goto('/profile')
  await expect(name(page)).toHaveText('active: Alice')
  await comeBack(page)
  await expect(name(page)).toHaveText('active: Alicia')
  const answered = page.waitForResponse((response) => isSession(new URL(response.url())))
  await comeBack(page)
  await answered
  await expect(name(page)).toHaveText('active: Alicia')
  // The server that was slow is asked once more by itself.
  await expect(name(page)).toHaveText(`active: ${alice.handle}`)
})

test('nothing is asked for a visitor, and no field of the application’s accounts reaches the page', async ({
  page,
  site,
}) => {
  const asked: string[] = []
  page.on('request', (request) => isSession(new URL(request.url())) && asked.push(request.url()))
  await page.goto('/profile')
  await expect(name(page)).toHaveText('none')
  await page.waitForLoadState('networkidle')
  expect(asked).toEqual([])
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  const html = await (await page.context().request.get('/profile')).text()
  expect(html).toContain(site.network.accounts.alice.did)
  expect(html).not.toContain('canary-of-the-account')
})
