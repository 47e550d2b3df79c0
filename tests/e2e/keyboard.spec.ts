/** All of the app with the keyboard alone: what a person needs is reached by Tab, and Enter does it. */
import type { Locator } from '@playwright/test'
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { drawAvatar } from '../support/network/avatar.ts'

/** More than any page of the app or of the PDS has. */
const MAX_STOPS = 60

/** Presses Tab until that has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    if (await target.evaluate((node) => node === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never gets to ${target}.`)
}

async function enter(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.type(text)
}

/** Approves on the PDS's own pages, which know the person after the first time. */
async function approve(page: Page, account: LocalAccount, app: RunningApp): Promise<void> {
  const password = page.getByRole('textbox', { name: 'Password' })
  const authorize = page.getByRole('button', { name: 'Authorize', exact: true })
  await expect(password.or(authorize).first()).toBeVisible()
  if (await password.isVisible()) {
    await type(page, password, account.password)
    await page.keyboard.press('Enter')
  }
  await enter(page, authorize)
  await page.waitForURL(`${app.origin}/**`)
}

test('the keyboard is enough: sign-in, more permission, pictures, timeline, devices and their confirmation', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  const link = (name: string) => page.getByRole('link', { name, exact: true })
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const focused = page.locator(':focus')
  await page.goto(app.origin)
  await enter(page, page.getByRole('main').getByRole('link', { name: 'Sign in' }))
  await type(page, page.getByRole('textbox', { name: 'Handle or DID' }), carol.handle)
  await page.keyboard.press('Enter')
  await approve(page, carol, app)
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()

  await enter(page, link('Write'))
  await enter(page, link('Add pictures'))
  await approve(page, carol, app)
  await expect(page).toHaveURL(`${app.origin}/compose`)
  const chooser = page.waitForEvent('filechooser')
  await enter(page, button('Add pictures'))
  const picture = (name: string, size: number) => ({
    name,
    mimeType: 'image/png',
    buffer: Buffer.from(drawAvatar(size)),
  })
  await (await chooser).setFiles([picture('hills.png', 60), picture('more.png', 70)])
  await expect(page.getByText('Uploaded', { exact: true })).toHaveCount(2)
  await enter(page, button('Remove picture 2'))
  await expect(page.getByText('Uploaded', { exact: true })).toHaveCount(1)
  await type(page, page.getByRole('textbox', { name: /^Description of picture 1/ }), 'Hills by keyboard')
  await type(page, page.getByRole('textbox', { name: 'Your post' }), 'Typed')
  await enter(page, button('Post'))
  await expect(page.getByRole('img', { name: 'Hills by keyboard' })).toBeVisible()

  await enter(page, link('Timeline'))
  await enter(page, link('Ask my server'))
  await approve(page, carol, app)
  await expect(page).toHaveURL(`${app.origin}/timeline`)
  await expect(page.getByRole('img', { name: 'Hills by keyboard' })).toBeVisible()

  await enter(page, page.locator('summary[data-atproto="account-menu-button"]'))
  await enter(page, link('Devices'))
  await enter(page, link('Sign out everywhere…'))
  await expect(focused).toHaveText('Sign out everywhere')
  await enter(page, link('Cancel'))
  await expect(button('Sign out everywhere')).toHaveCount(0)
  await enter(page, link('Sign out everywhere…'))
  await expect(focused).toHaveText('Sign out everywhere')
  await page.keyboard.press('Enter')
  await expect(link('Sign in').first()).toBeVisible()
  await expect(page).toHaveURL(`${app.origin}/`)
})

test('the keyboard is enough: skip link, account menu, post, delete', async ({ page, app, network }) => {
  const { bob, carol } = network.accounts
  await startSignedIn(page, bob, app)
  await startSignedIn(page, carol, app)
  const focused = page.locator(':focus')
  const press = async (key: string, times = 1) => {
    for (let time = 0; time < times; time += 1) await page.keyboard.press(key)
  }
  const menu = page.locator('summary[data-atproto="account-menu-button"]')
  await page.goto(app.origin)
  // What follows the shell takes its place, and the focus with it.
  await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
  await expect(menu).toBeVisible()
  await press('Tab')
  await expect(focused).toHaveText('Skip to content')
  await press('Enter')
  await press('Tab')
  await expect(focused).toHaveText('Write a post')

  await menu.focus()
  await expect(menu).toBeFocused()
  await press('Enter')
  await press('Tab', 2)
  await expect(focused).toHaveAccessibleName(/^Switch to Bob Hatter/)
  await press('Escape')
  await expect(menu).toBeFocused()
  await expect(page.getByRole('link', { name: 'Devices' })).toBeHidden()

  await page.getByRole('link', { name: 'Write', exact: true }).focus()
  await press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Write a post' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Your post' }).focus()
  await page.keyboard.type('By keyboard')
  await press('Tab', 2)
  await expect(focused).toHaveText('Post')
  await press('Enter')
  await expect(page.getByText('Posted.')).toBeVisible()
  await page.getByRole('button', { name: 'Delete post: By keyboard' }).focus()
  await press('Enter')
  await expect(page.getByText('By keyboard', { exact: true })).toBeHidden()
  await expect(page.getByText('Post deleted.')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Recent posts' })).toBeFocused()
})
