/** The components in an application of their own, with its scripts running and blocked. */

import { expect, type Page, test } from '../support/e2e/components-world.ts'
import { reachConsent, submitHandle } from '../support/e2e/person.ts'
import { addAccount } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'

/** Approves on the PDS's page, until the application has the browser back. */
async function approve(page: Page, account: LocalAccount): Promise<void> {
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await page.waitForURL('http://127.0.0.1:*/**')
}

async function signIn(page: Page, account: LocalAccount): Promise<void> {
  await page.goto('/sign-in?returnTo=/%3Fsigned-in')
  await submitHandle(page, account.handle)
  await approve(page, account)
  await expect(page).toHaveURL('/?signed-in')
}

/** Answers the forms of a page instead of the library's routes; returns what they were sent. */
async function interceptForms(page: Page, path: string): Promise<Readonly<Record<string, string>>[]> {
  const sent: Readonly<Record<string, string>>[] = []
  await page.route(`**${path}`, (route) => {
    sent.push(Object.fromEntries(new URLSearchParams(route.request().postData() ?? '')))
    // Not a page: the browser stays where it is.
    return route.fulfill({ status: 204 })
  })
  return sent
}

for (const scripts of ['run', 'blocked'] as const) {
  test.describe(`with its own scripts ${scripts === 'run' ? 'running' : 'blocked'}`, () => {
    test.use({ scripts })

    test('a person signs in with two accounts, switches between them and signs out of both', async ({
      page,
      site,
    }) => {
      const { alice, bob } = site.network.accounts
      await page.goto('/')
      await expect(page.getByText('Nobody is signed in.')).toBeVisible()
      await signIn(page, alice)
      if (scripts === 'run') await expect(page.getByText(`active: ${alice.did}`)).toBeVisible()
      await page.locator('summary').click()
      await page.getByRole('link', { name: 'Add another account' }).click()
      await submitHandle(page, bob.handle)
      await approve(page, bob)

      await page.locator('summary').click()
      await expect(page.locator('[aria-current=true]')).toContainText(bob.did)
      await page.getByRole('button', { name: `Switch to ${alice.did}` }).click()
      await page.locator('summary').click()
      await expect(page.locator('[aria-current=true]')).toContainText(alice.did)
      await page.getByRole('button', { name: `Sign out of ${bob.did}` }).click()
      await page.locator('summary').click()
      await expect(page.locator('[data-atproto=account]')).toHaveCount(1)
      await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
      await expect(page).toHaveURL('/?signed-out')
      await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
    })

    test('the form says what was wrong, keeps what was typed and has the focus in the field', async ({
      page,
    }) => {
      await page.goto('/sign-in')
      await submitHandle(page, 'not a handle')
      const field = page.getByRole('textbox', { name: 'Handle or DID' })
      await expect(page.getByRole('alert').first()).toHaveText(/That is not a handle/)
      await expect(field).toHaveValue('not a handle')
      await expect(field).toBeFocused()
      await expect(field).toHaveAccessibleDescription(/That is not a handle.* Your name on the network/)
      await expect(field).toHaveAttribute('autocomplete', 'username')
    })

    test('an action of the application answers in the same way, and signs in', async ({ page, site }) => {
      await page.goto('/action')
      const field = page.getByRole('textbox', { name: 'Handle or DID' })
      await submitHandle(page, 'alice')
      await expect(page.locator('[role=alert]').first()).toHaveText(/That is not a handle/)
      await expect(field).toHaveValue('alice')
      await expect(field).toBeFocused()
      await page.getByRole('button', { name: 'Sign in' }).focus()
      await submitHandle(page, 'bob')
      await expect(field).toHaveValue('bob')
      await expect(field).toBeFocused()
      await submitHandle(page, site.network.accounts.alice.handle)
      await approve(page, site.network.accounts.alice)
      await expect(page).toHaveURL('/')
    })

    test('a host for new accounts shows its own page for that', async ({ page, site }) => {
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Join the demo' }).click()
      await page.waitForURL(`${site.network.pds[0].url}/oauth/authorize?**`)
      await expect(page.getByRole('heading', { name: 'Choose a username' })).toBeVisible()
    })

    test('a host for new accounts is posted with prompt=create, and so is the way back', async ({
      page,
      site,
    }) => {
      const sent = await interceptForms(page, '/oauth/login')
      await page.goto('/sign-in?returnTo=/there')
      await page.getByRole('button', { name: 'Create an account on bsky.social' }).click()
      await page.getByRole('button', { name: 'Join the demo' }).click()
      await expect
        .poll(() => sent)
        .toEqual([
          { returnTo: '/there', identifier: 'https://bsky.social', prompt: 'create' },
          { returnTo: '/there', identifier: site.network.pds[0].url, prompt: 'create' },
        ])
    })

    test('the menu names who needs a new sign-in, and posts what its buttons say', async ({ page }) => {
      const sent = await interceptForms(page, '/oauth/*')
      await page.goto('/menu')
      const menu = page.getByRole('main')
      await menu.locator('summary').click()
      await menu.getByRole('button', { name: 'Switch to @bob.pds2.test' }).click()
      await menu.getByRole('button', { name: /^Carol Lewis.* Sign in again$/ }).click()
      await menu.getByRole('button', { name: 'Sign out of Alice Liddell' }).click()
      await menu.getByRole('button', { name: 'Sign out of all accounts' }).click()
      await expect
        .poll(() => sent)
        .toEqual([
          { did: 'did:plc:bbbbbbbbbbbbbbbbbbbbbbbb', returnTo: '/menu' },
          { identifier: 'did:plc:cccccccccccccccccccccccc', returnTo: '/menu' },
          { did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' },
          { all: '1' },
        ])
    })
  })
}

test('with the keyboard alone, a person signs in, opens the menu, and closes it with Escape', async ({
  page,
  site,
}) => {
  const { carol } = site.network.accounts
  await page.goto('/sign-in')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toBeFocused()
  await page.keyboard.type(carol.handle)
  await page.keyboard.press('Enter')
  await approve(page, carol)
  const [menu, summary] = [page.locator('details'), page.locator('summary')]
  await expect(summary).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(summary).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(menu).toHaveAttribute('open', '')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: `Sign out of ${carol.did}` })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(menu).not.toHaveAttribute('open', '')
  await expect(summary).toBeFocused()
})

test('the menu closes on a press outside and when the focus leaves it, not on one inside', async ({
  page,
}) => {
  await page.goto('/menu')
  const menu = page.getByRole('main').locator('details')
  await menu.locator('summary').click()
  await menu.locator('[aria-current=true]').click()
  await expect(menu).toHaveAttribute('open', '')
  await page.getByRole('heading', { level: 1 }).click()
  await expect(menu).not.toHaveAttribute('open', '')
  await menu.locator('summary').click()
  await page.getByRole('link', { name: 'and a way home' }).focus()
  await expect(menu).not.toHaveAttribute('open', '')
})

test('a double click sends the form once, and the button is usable again when the page is shown again', async ({
  page,
}) => {
  const sent = await interceptForms(page, '/oauth/login')
  await page.goto('/sign-in')
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill('alice.test')
  const button = page.locator('[data-atproto=submit]')
  await button.dblclick()
  await expect(button).toHaveText('Signing in…')
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  await button.click({ force: true })
  await page.getByRole('textbox', { name: 'Handle or DID' }).press('Enter')
  // What a browser does when it shows the page again that a person left for the server's.
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await expect(button).toHaveText('Sign in')
  expect(sent).toHaveLength(1)
  await button.click()
  await expect.poll(() => sent.length).toBe(2)
})

test('the provider also works within a client component, without a Suspense of its own and without a request', async ({
  page,
}) => {
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', ({ message }) => complaints.push(message))
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.resourceType()))
  await page.goto('/client', { waitUntil: 'networkidle' })
  await expect(page.getByRole('main').getByText('Nobody is signed in.')).toBeVisible()
  expect(complaints).toEqual([])
  expect(asked.filter((type) => type === 'fetch' || type === 'xhr')).toEqual([])
})

test('CK-1 X9: a session in place of its status reaches no browser, nor does what is added to a status', async ({
  page,
  site,
}) => {
  await addAccount(page, site.network.accounts.alice, { origin: site.url, server: site })
  const added = await page.request.get('/leak?what=added')
  expect(added.status()).toBe(200)
  expect(await added.text()).toContain('did:plc:x')
  expect(await added.text()).not.toContain('leaked-token')
  await page.goto('/leak?what=session')
  await expect(page.getByText('Something went wrong.')).toBeVisible()
  expect(await page.content()).not.toMatch(/eyJ[\w-]{20}|accessToken|refresh_token/)
})
