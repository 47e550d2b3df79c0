/** How the components look with their stylesheet: light and dark, narrow and wide, and to axe. */
import { join } from 'node:path'
import type { TestInfo } from '@playwright/test'
import {
  expect,
  expectAccessible,
  type FakeAppView,
  type Page,
  test,
} from '../support/e2e/components-world.ts'
import { takePictures } from '../support/e2e/looks.ts'

const everyLook = [
  { scheme: 'light', width: 1280 },
  { scheme: 'dark', width: 360 },
  { scheme: 'dark', width: 1280 },
  { scheme: 'light', width: 360 },
] as const
/** The first two have both schemes and both widths; the long run tries every pair. */
const looks = process.env.LONG === '1' ? everyLook : everyLook.slice(0, 2)

const popups = '[data-atproto=suggestions]:visible, [data-atproto=account-menu-panel]:visible'

interface View {
  readonly name: string
  readonly path: string
  readonly prepare?: (page: Page, appView: FakeAppView) => Promise<void>
}

const views: readonly View[] = [
  { name: 'sign-in', path: '/sign-in' },
  { name: 'sign-in-error', path: '/sign-in?error=identity_not_found&identifier=alcie.test' },
  { name: 'suggestions', path: '/suggestions', prepare: openSuggestions },
  { name: 'menu', path: '/menu', prepare: (page) => page.getByRole('main').locator('summary').click() },
]

async function openSuggestions(page: Page, appView: FakeAppView): Promise<void> {
  const actors = [
    { handle: 'alice.test', displayName: 'Alice Liddell', avatar: 'https://cdn.demo.internal/alice.svg' },
    { handle: 'alina.test' },
    { handle: 'a-handle-that-goes-on-and-on-until-it-meets-the-edge.example.com', displayName: 'Alix' },
  ]
  appView.answers.set('ali', { body: JSON.stringify({ actors }) })
  const path = join(import.meta.dirname, '../../public/logo.svg')
  await page.route('https://cdn.demo.internal/*', (route) => route.fulfill({ path }))
  await page.getByRole('combobox').fill('ali')
  await expect(page.getByRole('option')).toHaveCount(3)
  await page.keyboard.press('ArrowDown')
}

async function show(page: Page, { scheme, width }: (typeof looks)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.setViewportSize({ width, height: 720 })
}

async function take(page: Page, name: string, testInfo: TestInfo): Promise<void> {
  await page.screenshot({ path: join(testInfo.outputDir, `${name}.png`), animations: 'disabled' })
}

for (const { name, path, prepare } of views) {
  test(`${name}: axe finds nothing and nothing overflows, light and dark, narrow and wide`, async ({
    page,
    appView,
  }, testInfo) => {
    await page.goto(path)
    await prepare?.(page, appView)
    for (const look of looks) {
      await show(page, look)
      await expectAccessible(page)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflow, `${look.width}`).toBeLessThanOrEqual(0)
      // What overflows at the start scrolls nothing; it is just gone.
      for (const popup of await page.locator(popups).all())
        expect((await popup.boundingBox())?.x).toBeGreaterThanOrEqual(0)
    }
    await takePictures(page, `components-${name}`, testInfo)
  })
}

test('data-theme goes before what the system prefers', async ({ page }) => {
  const surface = () =>
    page.locator('[data-atproto=input]').evaluate((node) => getComputedStyle(node).backgroundColor)
  const themed = (theme: string) =>
    page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme)
  await page.goto('/sign-in')
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await surface()
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await surface()
  expect(dark).not.toBe(light)
  await themed('light')
  expect(await surface()).toBe(light)
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'light' })
  await themed('dark')
  expect(await surface()).toBe(dark)
  await expectAccessible(page)
})

test('the colours of the application are taken, wherever they are set', async ({ page }) => {
  await page.goto('/sign-in')
  await page.addStyleTag({ content: ':root { --atproto-accent: rgb(120, 20, 120) }' })
  await expect(page.locator('[data-atproto=submit]')).toHaveCSS('background-color', 'rgb(120, 20, 120)')
})

test('forced colours and the focus are seen, and nothing moves for who wants no motion', async ({
  page,
}, testInfo) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
  await page.goto('/menu')
  await page.getByRole('main').locator('summary').press('Enter')
  await page.keyboard.press('Tab')
  await take(page, 'menu-forced-colors', testInfo)
  const focused = page.locator(':focus')
  const style = await focused.evaluate((node) => {
    const { outlineStyle, outlineWidth, transitionDuration } = getComputedStyle(node)
    return { outlineStyle, outlineWidth, transitionDuration }
  })
  expect(style).toEqual({ outlineStyle: 'solid', outlineWidth: '3px', transitionDuration: '0s' })
  await page.goto('/sign-in')
  await take(page, 'sign-in-forced-colors', testInfo)
  const border = await page
    .locator('[data-atproto=submit]')
    .evaluate((node) => getComputedStyle(node).borderStyle)
  expect(border).toBe('solid')
})
