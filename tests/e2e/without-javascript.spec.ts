/**
 * The app with JavaScript turned off, not only its script files blocked: nothing that is streamed is shown then, so that
 * forms have to stand in the static shell, and what is personal on a page that is sent whole.
 */
import { expect, type Page, test } from '../support/e2e/fixtures.ts'
import { postsOnPds, submitHandle } from '../support/e2e/person.ts'
import { addAccount, addPictures } from '../support/e2e/signed-in.ts'
import { drawAvatar } from '../support/network/avatar.ts'

test.use({ javaScriptEnabled: false })

const button = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true })
const post = (page: Page) => button(page, 'Post').click()
const text = (page: Page) => page.getByRole('textbox', { name: 'Your post' })

test('what a sign-in has to say is shown, and the place to return to is kept', async ({ page, app }) => {
  await page.goto(`${app.origin}/compose`)
  await expect(page.locator('input[name=returnTo]')).toHaveValue('/compose')
  await submitHandle(page, 'not a handle!')
  await expect(page.getByRole('alert')).toContainText('not a handle')
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('not a handle!')
  await expect(page.locator('input[name=returnTo]')).toHaveValue('/compose')
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, 'nobody.test')
  await expect(page.getByRole('alert')).toContainText('No account was found')
})

test('N10 the reference below an error is that of the log line, and a link shows no other text there', async ({
  page,
  app,
}) => {
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, 'nobody.test')
  const reference = page.getByRole('main').getByText('Reference: ')
  const shown = (await reference.locator('code').textContent()) ?? ''
  expect(shown).toMatch(/^[2-9A-HJ-NP-Z]{8}$/)
  expect(app.server.output()).toMatch(new RegExp(`identity_not_found: .*[( ]reference=${shown}\\)`))
  for (const path of ['/sign-in', '/oauth/login']) {
    const query = new URLSearchParams({ error: 'access_denied', errorReference: 'call 0800 1234' })
    await page.goto(`${app.origin}${path}?${query}`)
    await expect(page.getByRole('alert')).toBeVisible()
    await expect(page.locator('body')).not.toContainText(/Reference|0800/)
  }
})

test('a post is written, shown and deleted, and signing out works', async ({ page, app, network }) => {
  const { carol } = network.accounts
  await addAccount(page, carol, app)
  await page.goto(app.origin)
  await page.getByRole('link', { name: 'Write a post' }).click()
  await post(page)
  await expect(page.locator('#post-error')).toContainText('Write something first')
  await text(page).fill('x'.repeat(301))
  await post(page)
  await expect(page.locator('#post-error')).toContainText('1 character too long')
  await expect(text(page)).toHaveValue('x'.repeat(301))
  await text(page).fill('By hand alone')
  await post(page)
  await expect(page.getByText('Posted.')).toBeVisible()
  await expect(page.getByText('By hand alone', { exact: true })).toBeVisible()
  await button(page, 'Delete post: By hand alone').click()
  await expect(page.getByText('Post deleted.')).toBeVisible()
  await expect(page.getByText('By hand alone', { exact: true })).toHaveCount(0)

  await page.goto(app.origin)
  await page.getByRole('link', { name: 'Show it without JavaScript' }).click()
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await page.goto(app.origin)
  await button(page, 'Sign out').click()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
})

test('pictures go with the form, and what is missing to post them is said', async ({
  page,
  app,
  network,
}) => {
  const { bob } = network.accounts
  const picture = { name: 'hills.png', mimeType: 'image/png', buffer: Buffer.from(drawAvatar(70)) }
  const attach = async () => {
    await page.goto(`${app.origin}/compose`)
    await text(page).fill('With a picture')
    await page.getByText('Add pictures').first().click()
    const slot = page.getByRole('group', { name: 'Picture 1' })
    await slot.getByLabel('File').setInputFiles(picture)
    await slot.getByLabel('Description').fill('Hills')
    await post(page)
  }
  await addAccount(page, bob, app)
  await attach()
  await expect(page.locator('#post-error')).toContainText('your permission to upload pictures')
  await addPictures(page, bob, app)
  await attach()
  await expect(page.getByText('Posted.')).toBeVisible()
  await expect(page.getByRole('img', { name: 'Hills', exact: true }).first()).toBeVisible()
})

test('C11 with two accounts, a post names the one that it is for before it is sent', async ({
  page,
  app,
  network,
}) => {
  const { alice, carol } = network.accounts
  await addAccount(page, alice, app)
  await addAccount(page, carol, app)
  const before = await postsOnPds(carol)
  await page.goto(`${app.origin}/compose`)
  await text(page).fill('Who am I?')
  await post(page)
  await expect(page.locator('#post-error')).toContainText(`To post this as @${carol.handle}`)
  await expect(text(page)).toHaveValue('Who am I?')
  expect(await postsOnPds(carol)).toEqual(before)
  await post(page)
  await expect(page.getByText('Posted.')).toBeVisible()
  expect(await postsOnPds(carol)).toEqual(['Who am I?', ...before])
})

test('C12 devices are listed, and their end is asked for twice', async ({ page, browser, app, network }) => {
  const { carol } = network.accounts
  const elsewhere = await browser.newPage({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
  await addAccount(elsewhere, carol, app)
  await addAccount(page, carol, app)
  await page.goto(`${app.origin}/devices`)
  await page.getByRole('link', { name: 'Show it without JavaScript' }).click()
  await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).first().click()
  await expect(page.getByText('Sign out Firefox on Linux?')).toBeVisible()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page.getByText('Sign out Firefox on Linux?')).toHaveCount(0)
  await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).first().click()
  await button(page, 'Sign it out').click()
  await expect(page.getByText('That device is signed out.')).toBeVisible()
  await page.getByRole('link', { name: 'Sign out everywhere…' }).click()
  await button(page, 'Sign out everywhere').click()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  await elsewhere.close()
})
