/**
 * Sessions and what Next does by itself, in a build of their own: what is kept for everybody is nobody's session, what
 * is rendered asks once, and what is fetched ahead does nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { expect, type Page, test } from '../support/e2e/fixtures.ts'
import { expectFine, takePictures } from '../support/e2e/looks.ts'
import { submitHandle } from '../support/e2e/person.ts'
import { addAccount } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { type AppServer, buildApp, startApp } from '../support/network/app-server.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { countRequests } from '../support/network/hooks.ts'

const folder = join(import.meta.dirname, 'caching-app')

async function enter(page: Page, account: LocalAccount, app: AppServer): Promise<void> {
  await addAccount(page, account, { origin: app.url, server: app })
  await page.goto(app.url)
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

const stack = new AsyncDisposableStack()
let app: AppServer

test.beforeAll(async ({ world }) => {
  test.setTimeout(600_000)
  const data = await mkdtemp(join(tmpdir(), 'atproto-caching-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }))
  stack.defer(() => rm(join(folder, '.next'), { recursive: true, force: true, maxRetries: 3 }))
  const port = await findFreePort()
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DEMO_NETWORK: JSON.stringify(world.network.localNetwork),
    ATPROTO_DATA_DIR: data,
  }
  // What is forced to be static asks while it is built, and needs a configuration then.
  await buildApp({ folder, env })
  app = stack.use(await startApp({ folder, port, env }))
})

test.afterAll(() => stack.disposeAsync())

test('X8: a session in unstable_cache, an ISR page, a forced static page or route, or static params is nobody’s or an error', async ({
  page,
  browser,
  network,
}) => {
  const { alice, bob } = network.accounts
  const other = await browser.newContext()
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
  await other.close()
})

test('X7: thirty components of a page, its metadata and what is streamed read the store once, and set no cookie', async ({
  page,
  network,
}) => {
  await enter(page, network.accounts.carol, app)
  const count = async () => Number((await read(page.context(), app, '/reads')).text)
  const before = await count()
  expect(await count()).toBe(before)
  // Opened, and fetched by the router; each is a request of its own.
  for (const [at, headers] of [{}, { rsc: '1' }, {}].entries()) {
    const answer = await read(page.context(), app, '/thirty', headers)
    expect(answer.text.split(network.accounts.carol.did).length).toBeGreaterThan(30)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(await count()).toBe(before + at + 1)
  }
  expect(app.output()).not.toMatch(/Cookies can only be modified/)
})

test('X4: links to login, logout and switch that Next fetches ahead, by sight or hover, do nothing until a click', async ({
  page,
  network,
}) => {
  const { carol } = network.accounts
  await enter(page, carol, app)
  const par = () => countRequests(network.pds[0], { path: '/oauth/par' })
  const [requests, cookies] = [par(), await page.context().cookies()]
  const ahead = new Map<string, number>()
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (!pathname.startsWith('/oauth/')) return
    ahead.set(pathname, response.status())
  })
  await page.goto(`${app.url}/links`)
  const paths = ['login', 'logout', 'switch']
  await expect.poll(() => paths.every((path) => ahead.has(`/oauth/${path}`))).toBe(true)
  // Next may ask again, or know from before that there is nothing to fetch.
  for (const path of paths) await page.getByRole('link', { name: new RegExp(`^${path}`) }).hover()
  // What a browser fetches by itself, ahead of a click.
  const byBrowser = page.waitForResponse(/by=browser/)
  await page.evaluate(() => {
    const link = Object.assign(document.createElement('link'), { rel: 'prefetch' })
    link.href = '/oauth/login?identifier=alice.test&by=browser'
    document.head.append(link)
  })
  expect((await byBrowser).status()).toBe(204)
  await expect
    .poll(() => Object.fromEntries(ahead))
    .toEqual({ '/oauth/login': 204, '/oauth/logout': 405, '/oauth/switch': 405 })
  expect(par()).toBe(requests)
  expect(await page.context().cookies()).toEqual(cookies)
  await page.reload()
  await expect(page.getByRole('heading', { name: carol.did })).toBeVisible()

  // Not even a click, for an account that the browser does not have: it shows the form.
  await page.getByRole('link', { name: /^login/ }).click()
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toHaveValue('alice.test')
  expect(par()).toBe(requests)
})

for (const scripts of ['run', 'blocked'] as const) {
  // What stands there without scripts stands there with them, too.
  const details = { tag: scripts === 'run' ? [] : '@long' }
  test(
    `axe finds nothing on the library’s own pages: signing in, and too often, scripts ${scripts}`,
    details,
    async ({ page }, testInfo) => {
      if (scripts === 'blocked') {
        await page.route(`${app.url}/**`, (route) =>
          route.request().resourceType() === 'script' ? route.abort() : route.fallback(),
        )
      }
      await page.goto(`${app.url}/oauth/login?error=identity_not_found&identifier=nobody.test`)
      await expect(page.getByRole('alert')).toBeVisible()
      await expectFine(page, 'the sign-in page')
      if (scripts === 'run') await takePictures(page, 'own-sign-in', testInfo)
      const heading = page.getByRole('heading', { level: 1 })
      await expect(async () => {
        await submitHandle(page, 'nobody.test')
        await expect(heading).toHaveText('Too many attempts', { timeout: 1_000 })
      }).toPass()
      await expectFine(page, 'too many attempts')
    },
  )
}
