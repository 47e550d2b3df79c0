/** Sessions and Next's caches, in a build of their own: what is kept for everybody is nobody's session. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { type AppServer, buildApp, startApp } from '../network/app-server.ts'
import { findFreePort } from '../network/loopback-server.ts'
import { expect, type Page, test } from './fixtures.ts'
import { reachConsent, submitHandle } from './person.ts'

const folder = join(import.meta.dirname, 'caching-app')

async function enter(page: Page, account: Parameters<typeof reachConsent>[1], app: AppServer): Promise<void> {
  await page.goto(`${app.url}/oauth/login`)
  await submitHandle(page, account.handle)
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await expect(page.getByRole('heading', { name: account.did })).toBeVisible()
}

/** Status and text of a path, as that browser gets it. */
async function read(
  context: BrowserContext,
  app: AppServer,
  path: string,
  headers: Record<string, string> = {},
) {
  const response = await context.request.get(app.url + path, { headers })
  return { status: response.status(), text: await response.text(), headers: response.headers() }
}

test('X8: a session in unstable_cache, an ISR page, a forced static page or route, or static params is nobody’s or an error', async ({
  page,
  browser,
  network,
}) => {
  test.setTimeout(600_000)
  await using stack = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'atproto-caching-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }))
  stack.defer(() => rm(join(folder, '.next'), { recursive: true, force: true, maxRetries: 3 }))
  const port = await findFreePort()
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DEMO_NETWORK: JSON.stringify(network.localNetwork),
    ATPROTO_DATA_DIR: data,
  }
  // What is forced to be static asks while it is built, and needs a configuration then.
  await buildApp({ folder, env })
  const app = stack.use(await startApp({ folder, port, env }))
  const { alice, bob } = network.accounts
  const other = await browser.newContext()
  stack.defer(() => other.close())
  await enter(page, alice, app)
  await enter(await other.newPage(), bob, app)
  const own = [
    { context: page.context(), did: alice.did, foreign: bob.did },
    { context: other, did: bob.did, foreign: alice.did },
  ]

  for (const { context, did, foreign } of [...own, ...own]) {
    const home = await read(context, app, '/')
    expect(home.text).toContain(did)
    // A page that wants to be kept for an hour is made for each request all the same.
    for (const headers of [{}, { rsc: '1' }]) {
      const isr = await read(context, app, '/isr', headers)
      expect(isr.text).toContain(did)
      expect(isr.text).not.toContain(foreign)
      expect(isr.headers['cache-control']).toMatch(/private, .*no-store/)
    }
    const cached = await read(context, app, '/unstable')
    expect(cached.status).toBe(500)
    for (const path of ['/forced', '/route']) {
      const { status, text } = await read(context, app, path)
      expect([path, status, /nobody/.test(text)]).toEqual([path, 200, true])
      expect(text).not.toContain('did:plc:')
    }
    for (const path of ['/unstable', '/built/refused', '/built/nobody'])
      expect((await read(context, app, path)).text).not.toContain('did:plc:')
  }
  expect((await read(other, app, '/built/refused')).status).toBe(200)
  // In so many words.
  expect(app.output()).toMatch(/`(headers|cookies)\(\)` can't be read inside `unstable_cache\(\)`/)
})
