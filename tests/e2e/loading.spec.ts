/**
 * How pages load, on a telephone and on a desk: nothing jumps, something large is painted, nothing fails or complains,
 * and scripts stay few. Counts alone: how long it takes is up to the machine.
 */
import { expect, type Page, type RunningApp, test } from './fixtures.ts'
import { allowPictures, signIn } from './person.ts'

/** Bytes of scripts as they are sent, compressed; React and Next's router are most of them. */
const MAX_SCRIPT_BYTES = 300_000
const widths = [360, 1280]

/** Notes in the document what moves and what is painted largest. */
async function watchPaints(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { dataset } = document.documentElement
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const value = 'value' in entry && typeof entry.value === 'number' ? entry.value : 0
        document.documentElement.dataset.shift = String(Number(dataset.shift ?? 0) + value)
      }
    }).observe({ type: 'layout-shift', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const element = 'element' in entry && entry.element instanceof Element ? entry.element : undefined
        if (element) document.documentElement.dataset.largest = element.tagName
      }
    }).observe({ type: 'largest-contentful-paint', buffered: true })
  })
}

const note = (page: Page, name: 'shift' | 'largest') =>
  page.evaluate((key) => document.documentElement.dataset[key], name)
const shift = async (page: Page) => Number((await note(page, 'shift')) ?? 0)

interface Trouble {
  readonly complaints: string[]
  /** Resolves to the bytes of scripts since it was last asked. */
  scriptBytes(): Promise<number>
}

/** Collects what the console says, what fails, and how much script comes. */
function watchTraffic(page: Page): Trouble {
  const complaints: string[] = []
  let scripts: Promise<number>[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A page that is left gives up what it fetched ahead.
    const isGivenUp = request.failure()?.errorText === 'net::ERR_ABORTED'
    if (!isGivenUp) complaints.push(`failed: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
    const request = response.request()
    if (request.resourceType() === 'script') {
      scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
    }
  })
  return {
    complaints,
    async scriptBytes() {
      const sizes = await Promise.all(scripts)
      scripts = []
      return sizes.reduce((sum, size) => sum + size, 0)
    },
  }
}

/** Opens each page in a browser that keeps nothing of the one before, and looks at what came. */
async function load(page: Page, app: RunningApp, paths: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  const traffic = watchTraffic(page)
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    for (const path of paths) {
      const what = `${path} at ${width}`
      await page.goto(app.origin + path, { waitUntil: 'networkidle' })
      expect(await shift(page), what).toBeLessThan(0.01)
      await expect.poll(() => note(page, 'largest'), what).toBeTruthy()
      const bytes = await traffic.scriptBytes()
      expect(bytes, what).toBeGreaterThan(0)
      expect(bytes, what).toBeLessThan(MAX_SCRIPT_BYTES)
      if (process.env.SIZES) console.log(what, bytes, await note(page, 'largest'))
    }
  }
  expect(traffic.complaints).toEqual([])
}

test('pages of a visitor load without a jump, an error or much script', async ({ page, app }) => {
  await watchPaints(page)
  await load(page, app, ['/', '/sign-in'])
})

test('pages of who is signed in load so too, whether they are opened or reached by a link', async ({
  page,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await watchPaints(page)
  await signIn(page, alice, app)
  await allowPictures(page, alice, app)
  await load(page, app, ['/', '/compose', '/timeline', '/devices'])
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${app.origin}/compose`, { waitUntil: 'networkidle' })
    for (const name of ['Home', 'Timeline', 'Write']) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.waitForLoadState('networkidle')
      expect(await shift(page), `by link: ${name} at ${width}`).toBeLessThan(0.1)
    }
  }
})
