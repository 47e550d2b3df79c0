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

/**
 * Complains of what axe finds on the page as it is, in every look, and of a page that scrolls sideways.
 *
 * @param count how many of the four looks; the first two are both schemes and both widths
 */
export async function expectFine(page: Page, name: string, count: number = looks.length): Promise<void> {
  for (const { colorScheme, width } of looks.slice(0, count)) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 800 })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    expect(found, `${name}, ${colorScheme}, ${width}`).toEqual([])
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    expect(isTooWide, `${name} scrolls sideways at ${width}`).toBe(false)
  }
}

/** A picture of the page as it is in every look; kept in docs/pictures by `npm run pictures`. */
export async function takePictures(page: Page, name: string, testInfo: TestInfo): Promise<void> {
  const folder =
    process.env.PICTURES === 'keep'
      ? join(import.meta.dirname, '../../docs/pictures')
      : testInfo.outputPath('pictures')
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: width > 600 ? 800 : 720 })
    const path = join(folder, `${name}-${colorScheme}-${width}.png`)
    // All of it: what stands below the window is part of the page.
    await page.screenshot({ path, animations: 'disabled', fullPage: true })
  }
}
