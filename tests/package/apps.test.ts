/** The packed package in bare applications: `init`, a build without secrets, and a person who uses it in Chromium. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, expect as expectPage } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { postsOnPds, reachConsent, submitHandle } from '../e2e/person.ts'
import { forgetJwks } from '../network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../network/network.ts'
import { chromiumArgs, findChromium } from '../support/chromium.ts'
import { build, install, makeApp } from './bare-app.ts'
import { type BareApp, matrix } from './matrix.ts'
import { runIn } from './npm.ts'
import { findQuietPort, type Started, startApp } from './start-app.ts'

const world = new AsyncDisposableStack()
const installed = new Map<string, Promise<string>>()
let folder: string
let port: number
let network: LocalNetwork
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atproto-package-'))
  world.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  port = await findQuietPort()
  const front = { host: 'app.demo.internal', target: `http://127.0.0.1:${port}` }
  network = world.use(await startNetwork({ app: front }))
  const executablePath = findChromium()
  browser = await chromium.launch({ args: [...chromiumArgs], ...(executablePath && { executablePath }) })
  world.defer(() => browser.close())
})

afterAll(() => world.disposeAsync())

/** One installation for all applications on the same Next.js. */
function installedWith(next: string): Promise<string> {
  const place = join(folder, `next-${next}`)
  const existing = installed.get(next) ?? install(place, next, inject('tarball')).then(() => place)
  installed.set(next, existing)
  return existing
}

async function start(app: BareApp, place: string, origin: string): Promise<Started> {
  const env = {
    PUBLIC_URL: origin,
    LOCAL_NETWORK: JSON.stringify(network.localNetwork),
    ATPROTO_DATA_DIR: join(place, 'data'),
  }
  const started = await startApp(app, place, { port, env })
  // The keys of the application before it, whose address was the same, would be remembered.
  if (app.client === 'confidential') await forgetJwks(network.pds[0], `${origin}/oauth/jwks.json`)
  return started
}

describe.each(matrix)('$name', (app) => {
  const place = () => join(folder, app.name.replaceAll(/[^a-z0-9]+/gi, '-'))

  it('is made, and builds without a secret, a warning, `redis` or `@vercel/kv`', async () => {
    await makeApp(app, place(), await installedWith(app.next))
    for (const name of ['redis', '@vercel/kv', '@upstash/redis'])
      expect(existsSync(join(place(), 'node_modules', name)), name).toBe(false)
    const output = await build(app, place())
    // Next 16 says so of every middleware.ts; those who keep the name know.
    const lines = output.split('\n').filter((line) => !line.includes('file convention is deprecated'))
    expect(lines.filter((line) => /warn|⚠|can't resolve|not found:|error/i.test(line))).toEqual([])
  })

  it('has nothing wrong with it that doctor would find in development', async () => {
    const command = join(place(), 'node_modules/.bin/next-atproto-auth')
    const printed = await runIn(place(), command, ['doctor', '--mode', 'development', '--offline', '--json'])
    const { findings } = JSON.parse(printed)
    expect(findings.filter(({ level }: { level: string }) => level !== 'ok')).toEqual([])
  })

  it('signs in, posts by a server action, guards its page and signs out', async () => {
    const origin = app.client === 'confidential' ? (network.front?.origin ?? '') : `http://127.0.0.1:${port}`
    await using server = await start(app, place(), origin)
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' })
    try {
      await expectGuard(app, server)
      await visit(await context.newPage(), origin, app.name)
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${server.output()}`, {
        cause: error,
      })
    } finally {
      await context.close()
    }
  })
})

/** A stranger is sent away before the page renders where there is a guard, and by the page itself otherwise. */
async function expectGuard({ guard }: BareApp, { url }: Started): Promise<void> {
  const response = await fetch(`${url}/account`, { redirect: 'manual' })
  expect(await response.text()).not.toContain('The account of')
  if (guard === 'none') return
  expect([response.status, response.headers.get('location')]).toEqual([
    307,
    expect.stringMatching(/^(https?:\/\/[^/]+)?\/oauth\/login\?returnTo=%2Faccount$/),
  ])
}

async function visit(page: Awaited<ReturnType<Browser['newPage']>>, origin: string, text: string) {
  const { carol } = network.accounts
  await page.goto(`${origin}/account`)
  await submitHandle(page, carol.handle)
  await reachConsent(page, carol)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await page.waitForURL(`${origin}/account`)
  await page.getByRole('textbox', { name: 'Text' }).fill(text)
  await page.getByRole('button', { name: 'Post' }).click()
  await expectPage(page.getByText('Posted')).toBeVisible()
  expect(await postsOnPds(carol)).toContain(text)
  await page.goto(origin)
  await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expectPage(page.getByText('Nobody is signed in')).toBeVisible()
  await page.goto(`${origin}/account`)
  await expectPage(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
}
