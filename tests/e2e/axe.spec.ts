/** Every page: no violation that axe finds, nothing that jumps, and all of it by keyboard. */
import { AxeBuilder } from '@axe-core/playwright'
import { drawAvatar } from '../network/avatar.ts'
import { expect, type Page, type RunningApp, test } from './fixtures.ts'
import { allowPictures, approve, choosePictures, openMenu, signIn } from './person.ts'

const looks = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 360 },
] as const
const hills = { name: 'hills.png', mimeType: 'image/png', buffer: Buffer.from(drawAvatar(120)) }

/** The page as it is, in every look. */
async function check(page: Page, name: string): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found, `${name}, ${colorScheme}, ${width}`).toEqual([])
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(isTooWide, `${name} scrolls sideways at ${width}`).toBe(false)
  }
}

async function visit(page: Page, app: RunningApp, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(app.origin + path)
    await check(page, path)
  }
}

test('axe finds nothing on the pages of a visitor, and none scrolls sideways', async ({ page, app }) => {
  test.slow()
  await visit(page, app, ['/', '/sign-in', '/sign-in?error=access_denied', '/nowhere', '/compose/too-large'])
})

test('axe finds nothing on the pages of who is signed in, and none scrolls sideways', async ({
  page,
  app,
  network,
}) => {
  test.slow()
  await signIn(page, network.accounts.alice, app)
  await visit(page, app, ['/', '/compose', '/timeline', '/devices?everywhere=ask'])
  await visit(page, app, ['/sign-in?error=scope_missing&scope=atproto&returnTo=/compose'])
  await openMenu(page)
  await check(page, 'the account menu')
})

test('axe finds nothing on pages with pictures, and none scrolls sideways', async ({
  page,
  app,
  network,
}) => {
  test.slow()
  const { alice } = network.accounts
  await signIn(page, alice, app)
  await allowPictures(page, alice, app)
  await choosePictures(page, [hills, { ...hills, buffer: Buffer.from('nothing') }])
  await expect(page.getByText('Uploaded', { exact: true })).toBeVisible()
  await expect(page.locator('.failed')).toBeVisible()
  await check(page, 'a post with pictures')
  await page.getByRole('button', { name: 'Take out picture 2' }).click()
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText('Posted.')).toBeVisible()
  await check(page, 'home with a picture')
  await page.goto(`${app.origin}/timeline`)
  await page.getByRole('link', { name: 'Ask my server' }).click()
  await approve(page, alice, app)
  await check(page, 'timeline')
})

test('nothing jumps while pages load, whether they are opened or reached by a link', async ({
  page,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const value = 'value' in entry && typeof entry.value === 'number' ? entry.value : 0
        const { dataset } = document.documentElement
        dataset.shift = String(Number(dataset.shift ?? 0) + value)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  const shift = () => page.evaluate(() => Number(document.documentElement.dataset.shift ?? 0))
  await signIn(page, alice, app)
  await allowPictures(page, alice, app)
  for (const path of ['/', '/compose', '/timeline', '/devices']) {
    await page.goto(app.origin + path, { waitUntil: 'networkidle' })
    expect(await shift(), `opened: ${path}`).toBeLessThan(0.01)
  }
  for (const name of ['Home', 'Timeline', 'Write']) {
    await page.getByRole('link', { name, exact: true }).click()
    await page.waitForLoadState('networkidle')
    expect(await shift(), `by link: ${name}`).toBeLessThan(0.1)
  }
})

test('the keyboard is enough: skip link, account menu, post, delete', async ({ page, app, network }) => {
  const { bob, carol } = network.accounts
  await signIn(page, bob, app)
  await signIn(page, carol, app)
  const focused = page.locator(':focus')
  const press = async (key: string, times = 1) => {
    for (let time = 0; time < times; time += 1) await page.keyboard.press(key)
  }
  await page.goto(app.origin)
  await press('Tab')
  await expect(focused).toHaveText('Skip to content')
  await press('Enter')
  await press('Tab')
  await expect(focused).toHaveText('Write a post')

  const menu = page.locator('summary[data-atproto="account-menu-button"]')
  await menu.focus()
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
