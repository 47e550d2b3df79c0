/** How a page looks and reads in light and dark, on a telephone and on a desk. */
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, type TestInfo } from '@playwright/test'

const looks = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 360 },
] as const

/** The first two looks have both schemes and both widths; the long run tries every pair. */
const checked = process.env.LONG === '1' ? looks : looks.slice(0, 2)

/** Fails on what axe finds on the page as it is, in light and dark and at both widths, and on a page that scrolls sideways. */
export async function expectFine(page: Page, name: string): Promise<void> {
  for (const { colorScheme, width } of checked) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    // Its other mode opens a tab for each answer, to reach into frames of other sites; the pages have no frames.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found, `${name}, ${colorScheme}, ${width}`).toEqual([])
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(isTooWide, `${name} scrolls sideways at ${width}`).toBe(false)
  }
}

/** `npm run pictures` keeps them; the long run takes them as well, to see that it can. */
const folderOf = (testInfo: TestInfo): string | undefined => {
  if (process.env.PICTURES === 'keep') return join(import.meta.dirname, '../../../docs/pictures')
  return process.env.LONG === '1' ? testInfo.outputPath('pictures') : undefined
}

/** Takes a picture of the page as it is in every look, where pictures are wanted. */
export async function takePictures(page: Page, name: string, testInfo: TestInfo): Promise<void> {
  const folder = folderOf(testInfo)
  if (folder === undefined) return
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: width > 600 ? 800 : 720 })
    const path = join(folder, `${name}-${colorScheme}-${width}.png`)
    // All of it: what stands below the window is part of the page.
    await page.screenshot({ path, animations: 'disabled', fullPage: true })
  }
}
