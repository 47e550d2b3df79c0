/**
 * `node tools/bench/paint.ts [folder …]`: when pages of the reference application are painted in Chromium, on a slow
 * telephone: the processor four times slower, every round trip 150 ms, every answer of the PDS 50 ms late. Prints a table
 * with the medians of seven loads, each in a browser without a cache. It runs what `next build` has built in each folder,
 * default this one, and takes turns between them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumArgs, findChromium } from '../../tests/support/chromium.ts'
import { addAccount, addTimeline, type SignInApp } from '../../tests/support/e2e/signed-in.ts'
import { startApp } from '../../tests/support/network/app-server.ts'
import { type LocalAppView, startAppView } from '../../tests/support/network/app-view.ts'
import { findFreePort } from '../../tests/support/network/free-port.ts'
import { delayAnswers } from '../../tests/support/network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../../tests/support/network/network.ts'

const LOADS = 7
const SLOWDOWN = 4
const LATENCY_MS = 150
const PDS_LATENCY_MS = 50

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>

interface Load {
  readonly firstByte: number
  readonly firstPaint: number
  readonly largestPaint: number
  readonly shift: number
  readonly scriptBytes: number
}

interface Visit {
  readonly name: string
  readonly path: string
  readonly cookies: Cookies
}

/** Opens a page as on a slow telephone and reads the browser's own figures. */
async function load(browser: Browser, origin: string, { path, cookies }: Visit): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } })
  await context.addCookies(cookies)
  const page = await openSlowPage(context)
  await page.addInitScript(() => {
    const figures = { largestPaint: 0, shift: 0 }
    Reflect.set(globalThis, 'figures', figures)
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) figures.largestPaint = entry.startTime
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) figures.shift += Number(Reflect.get(entry, 'value'))
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(origin + path, { waitUntil: 'networkidle' })
  const figures = await page.evaluate(() => {
    const { largestPaint, shift } = Reflect.get(globalThis, 'figures')
    const [navigation] = performance.getEntriesByType('navigation')
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => /\.js(\?|$)/.test(name))
    return {
      firstByte: Number(navigation && Reflect.get(navigation, 'responseStart')),
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      largestPaint,
      shift,
      scriptBytes: scripts.reduce((sum, entry) => sum + Number(Reflect.get(entry, 'decodedBodySize')), 0),
    }
  })
  await context.close()
  return figures
}

async function openSlowPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: -1,
    uploadThroughput: -1,
  })
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN })
  return page
}

/** Milliseconds from a click on a link of the header until the next page's heading is painted. */
async function follow(browser: Browser, origin: string, cookies: Cookies): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } })
  await context.addCookies(cookies)
  const page = await openSlowPage(context)
  await page.goto(origin, { waitUntil: 'networkidle' })
  const ms = await page.evaluate(async () => {
    const link = document.querySelector<HTMLAnchorElement>('.site-header a[href="/timeline"]')
    const begun = performance.now()
    link?.click()
    while (document.querySelector('h1')?.textContent !== 'Timeline') await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return performance.now() - begun
  })
  await context.close()
  return ms
}

/** The cookies of a browser in which the account is signed in and may see its timeline. */
async function signIn(browser: Browser, app: SignInApp, account: Parameters<typeof addAccount>[1]) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await addAccount(page, account, app)
  await addTimeline(page, account, app)
  const cookies = await context.cookies(app.origin)
  await context.close()
  return cookies
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

interface Build {
  readonly folder: string
  readonly origin: string
  readonly visits: readonly Visit[]
}

async function startBuild(folder: string, stack: AsyncDisposableStack, world: World): Promise<Build> {
  const { network, appView, browser } = world
  const data = await mkdtemp(join(tmpdir(), 'atproto-paint-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }))
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const env = {
    PUBLIC_URL: origin,
    DEMO_NETWORK: JSON.stringify(network.localNetwork),
    APPVIEW: appView.service,
    ATPROTO_DATA_DIR: data,
  }
  const server = stack.use(await startApp({ folder: resolve(folder), port, env }))
  const cookies = await signIn(browser, { origin, server }, network.accounts.alice)
  const pages = ['/', '/compose', '/timeline'].map((path) => ({ name: path, path, cookies }))
  const ofVisitors = ['/'].map((path) => ({ name: `${path}, visitor`, path, cookies: [] }))
  return { folder, origin, visits: [...pages, ...ofVisitors] }
}

interface World {
  readonly network: LocalNetwork
  readonly appView: LocalAppView
  readonly browser: Browser
}

/** One line for each build. */
async function measure(browser: Browser, builds: readonly Build[], at: number): Promise<readonly string[]> {
  const loads = builds.map((): Load[] => [])
  // The first one does not count: the server loads the code of the page.
  for (let time = 0; time <= LOADS; time += 1) {
    for (const [index, { origin, visits }] of builds.entries()) {
      const visit = visits[at]
      const figures = visit && (await load(browser, origin, visit))
      if (figures && time > 0) loads[index]?.push(figures)
    }
  }
  return builds.map(({ folder, visits }, index) => {
    const of = (key: keyof Load) => median(loads[index]?.map((one) => one[key]) ?? [])
    const times = (['firstByte', 'firstPaint', 'largestPaint'] as const).map(
      (key) => `${Math.round(of(key))} ms`,
    )
    return `| ${[visits[at]?.name, folder, ...times, of('shift').toFixed(3), of('scriptBytes')].join(' | ')} |`
  })
}

/** One line for each build: from a click on a link to the heading of the next page. */
async function measureClicks(browser: Browser, builds: readonly Build[]): Promise<readonly string[]> {
  const clicks = builds.map((): number[] => [])
  for (let time = 0; time <= LOADS; time += 1) {
    for (const [index, { origin, visits }] of builds.entries()) {
      const ms = await follow(browser, origin, visits[0]?.cookies ?? [])
      if (time > 0) clicks[index]?.push(ms)
    }
  }
  return builds.map(({ folder }, index) => `| ${folder} | ${Math.round(median(clicks[index] ?? []))} ms |`)
}

await using stack = new AsyncDisposableStack()
const network = stack.use(await startNetwork())
const appView = stack.use(await startAppView(0, Object.values(network.accounts)))
const executablePath = findChromium()
const browser = stack.use(
  await chromium.launch({ args: [...chromiumArgs], ...(executablePath && { executablePath }) }),
)
const folders = process.argv.length > 2 ? process.argv.slice(2) : ['.']
const builds: Build[] = []
for (const folder of folders) builds.push(await startBuild(folder, stack, { network, appView, browser }))
for (const pds of network.pds) delayAnswers(pds, PDS_LATENCY_MS)
console.log('| page | build | first byte | first paint | largest paint | layout shift | bytes of scripts |')
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: |')
for (const at of builds[0]?.visits.keys() ?? []) console.log((await measure(browser, builds, at)).join('\n'))
console.log('\n| build | from a click on a link to the next page’s heading |\n| --- | ---: |')
console.log((await measureClicks(browser, builds)).join('\n'))
