/** Where the panel of the account menu goes: it is never cut off, wherever the button is. */
import type { Locator } from '@playwright/test'
import { expect, type Page, test } from '../support/e2e/components-world.ts'

const everywhere = ['at-start', 'at-start-by-default', 'between', 'at-end', 'at-end-by-default']

async function openMenu(page: Page, name: string) {
  const menu = page.locator(`.${name}`)
  await menu.locator('summary').click()
  return menu.locator('[data-atproto=account-menu-panel]')
}

/** How much of a panel is beyond the window, at its left or right. */
async function cutOff(page: Page, panel: Locator): Promise<number> {
  const box = await panel.boundingBox()
  const width = page.viewportSize()?.width ?? 0
  return box === null ? Number.NaN : Math.max(0, -box.x, box.x + box.width - width)
}

for (const dir of ['ltr', 'rtl']) {
  for (const width of [320, 600, 1280]) {
    test(`the menu fits into a window of ${width} px at both sides, ${dir}`, async ({ page }) => {
      await page.setViewportSize({ width, height: 720 })
      await page.goto(`/sides?dir=${dir}`)
      for (const name of everywhere) {
        const panel = await openMenu(page, name)
        await expect.poll(() => cutOff(page, panel), name).toBe(0)
        await page.keyboard.press('Escape')
      }
    })
  }

  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false })

    test(`align decides, ${dir}`, async ({ page }) => {
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 720 })
        await page.goto(`/sides?dir=${dir}`)
        for (const name of ['at-end-by-default', 'at-start'])
          expect(await cutOff(page, await openMenu(page, name)), name).toBe(0)
      }
    })
  })
}

test('the button leaves room beside it on a narrow screen, whatever the name of the account', async ({
  page,
}) => {
  for (const width of [320, 360, 600]) {
    await page.setViewportSize({ width, height: 720 })
    await page.goto('/sides')
    const button = await page.locator('.in-header summary').boundingBox()
    expect(button?.width ?? width, String(width)).toBeLessThanOrEqual(width * 0.6)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
})

for (const parent of ['flex-column', 'stretching-grid', 'block']) {
  test(`the menu is as wide as its button, and opens below it, in a parent that is a ${parent}`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.goto('/stretched')
    const menu = page.locator(`.${parent} > [data-atproto=account-menu]`)
    const panel = await openMenu(page, `${parent} > [data-atproto=account-menu]`)
    await expect.poll(() => cutOff(page, panel)).toBe(0)
    const [whole, button, opened] = await Promise.all(
      [menu, menu.locator('summary'), panel].map((part) => part.boundingBox()),
    )
    expect(whole?.width).toBeCloseTo(button?.width ?? 0, 0)
    expect(opened?.x).toBeLessThan((button?.x ?? 0) + (button?.width ?? 0))
    const link = await page.locator(`.${parent} > [data-atproto=sign-in-link]`).boundingBox()
    expect(link?.width).toBeLessThan(200)
  })
}

test('the menu moves into a window that becomes narrower while it is open', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto('/sides')
  const panel = await openMenu(page, 'between')
  await page.setViewportSize({ width: 520, height: 720 })
  await expect.poll(async () => (await panel.boundingBox())?.x ?? -1).toBeGreaterThanOrEqual(0)
})
