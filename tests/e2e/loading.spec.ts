/**
 * How pages load, on a telephone and on a desk: nothing jumps, something large is painted, nothing fails or complains,
 * and scripts stay few. Counts alone: how long it takes is up to the machine.
 */
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { addAccount, addPictures, addTimeline } from '../support/e2e/signed-in.ts'
import { delayAnswers } from '../support/network/hooks.ts'

/** Bytes of a page's scripts, uncompressed; React and Next's router are most of them. */
const MAX_SCRIPT_BYTES = 530_000
const widths = [360, 1280]

/** Notes in the document what moves and what is painted largest. */
async function watchPaints(page: Page): Promise<void> {
  await page.addInitScript(() => {
    // Asked for each time: when this runs, there is no element yet.
    const notes = () => document.documentElement.dataset
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const value = 'value' in entry && typeof entry.value === 'number' ? entry.value : 0
        notes().shift = String(Number(notes().shift ?? 0) + value)
      }
    }).observe({ type: 'layout-shift', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // There is none any more when a script has put something else in its place since.
        const element = 'element' in entry ? entry.element : undefined
        notes().largest = element instanceof Element ? element.tagName : 'replaced'
      }
    }).observe({ type: 'largest-contentful-paint', buffered: true })
  })
}

const note = (page: Page, name: 'shift' | 'largest') =>
  page.evaluate((key) => document.documentElement.dataset[key], name)
const shift = async (page: Page) => Number((await note(page, 'shift')) ?? 0)

/** Bytes of all scripts of the page, from the network or not, as the browser has to read them. */
const scriptBytes = (page: Page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => entry instanceof PerformanceResourceTiming && /\.js(\?|$)/.test(entry.name))
      .reduce((sum, entry) => sum + Number(Reflect.get(entry, 'decodedBodySize')), 0),
  )

/** Collects what the console says and what fails. */
function watchTraffic(page: Page): readonly string[] {
  const complaints: string[] = []
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
  })
  return complaints
}

/** Opens each page and looks at what came. */
async function load(page: Page, app: RunningApp, paths: readonly string[]): Promise<void> {
  const complaints = watchTraffic(page)
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    for (const path of paths) {
      const what = `${path} at ${width}`
      await page.goto(app.origin + path, { waitUntil: 'networkidle' })
      expect(await shift(page), what).toBeLessThan(0.01)
      await expect.poll(() => note(page, 'largest'), what).toBeTruthy()
      const bytes = await scriptBytes(page)
      expect(bytes, what).toBeGreaterThan(0)
      expect(bytes, what).toBeLessThan(MAX_SCRIPT_BYTES)
      if (process.env.SIZES) console.log(what, bytes, await note(page, 'largest'))
    }
  }
  expect(complaints).toEqual([])
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
  await addAccount(page, alice, app)
  await addPictures(page, alice, app)
  await load(page, app, ['/', '/compose', '/timeline', '/devices'])
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    await page.goto(`${app.origin}/compose`, { waitUntil: 'networkidle' })
    for (const name of ['Home', 'Timeline', 'Write']) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.waitForLoadState('networkidle')
      expect(await shift(page), `by link: ${name} at ${width}`).toBeLessThan(0.01)
    }
  }
})

test('the shell is shown while the person’s server is slow, and nothing moves when the rest arrives', async ({
  page,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await watchPaints(page)
  await addAccount(page, alice, app)
  await addTimeline(page, alice, app)
  delayAnswers(network.pds[0], 1_500)
  const main = page.getByRole('main')
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    for (const [path, shell, rest] of [
      ['/', main.getByText('Your page is loading'), main.getByRole('heading', { name: alice.displayName })],
      ['/timeline', main.getByText('Your timeline is loading'), main.getByText('Nothing here yet.')],
    ] as const) {
      await page.goto(app.origin + path, { waitUntil: 'commit' })
      await expect(shell).toBeAttached()
      await expect(page.getByRole('link', { name: 'Write', exact: true })).toBeVisible()
      await expect(rest.or(page.getByRole('article').first()).first()).toBeVisible()
      await expect(shell).toHaveCount(0)
      expect(await shift(page), `${path} at ${width}`).toBeLessThan(0.01)
    }
  }
})
