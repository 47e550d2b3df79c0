/** An app that was deployed without something it needs says so: one line in the log, a plain page, no stack. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { generateKeys } from '../../lib/cli/keys.ts'
import { expect, test } from '../support/e2e/fixtures.ts'
import { expectFine } from '../support/e2e/looks.ts'
import { type AppServer, startApp } from '../support/network/app-server.ts'
import { findFreePort } from '../support/network/free-port.ts'

const PUBLIC_URL = 'https://app.example.com'

async function withApp(env: Record<string, string>, check: (app: AppServer) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-config-'))
  const app = await startApp({ port: await findFreePort(), env: { ATPROTO_DATA_DIR: folder, ...env } })
  try {
    await check(app)
  } finally {
    await app.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The lines that this library wrote. */
const ownLines = (app: AppServer) =>
  app
    .output()
    .split('\n')
    .filter((line) => line.includes('[next-atproto-auth]'))

for (const [missing, env] of [
  ['PUBLIC_URL', {}],
  ['ATPROTO_SECRET', { PUBLIC_URL }],
  ['ATPROTO_CLIENT_KEYS', { PUBLIC_URL, ATPROTO_SECRET: 'nVb7cZq0pLk3xWm9sTd5yHg2jRf8aQe1' }],
] as const) {
  test(`without ${missing} the sign-in routes say "not set up" and the log says how to mend it, once`, async ({
    page,
  }) => {
    await withApp(env, async (app) => {
      for (const path of ['/oauth/login', '/oauth/jwks.json', '/oauth-client-metadata.json']) {
        const response = await page.goto(app.url + path)
        expect(response?.status()).toBe(500)
        await expect(page.getByRole('heading', { name: 'Not set up' })).toBeVisible()
        await expect(page.locator('body')).not.toContainText(missing)
      }
      if (missing === 'PUBLIC_URL') await expectFine(page, 'the sign-in routes without PUBLIC_URL')
      // All that is missing is said at once, and once; the app's own pages say it for themselves.
      expect(ownLines(app)).toHaveLength(1)
      expect(app.output().split('[next-atproto-auth]')[1]).toContain(`${missing} is missing`)
    })
  })
}

test('a page of an app without its configuration says so, with scripts and without', async ({ browser }) => {
  await withApp({ PUBLIC_URL }, async (app) => {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ javaScriptEnabled })
      const page = await context.newPage()
      // With JavaScript off, the static shell is all that is shown of pages without a query.
      const paths = ['/sign-in?returnTo=%2F', ...(javaScriptEnabled ? ['/', '/sign-in'] : [])]
      for (const path of paths) {
        await page.goto(app.url + path)
        await expect(page.getByText('Wait a moment and try again.')).toBeVisible()
        await expect(page.locator('body')).not.toContainText(/ATPROTO_SECRET|\bat .+\.[jt]s/)
        // axe itself is a script.
        if (javaScriptEnabled) await expectFine(page, path)
      }
      await page.goto(`${app.url}/sign-in`)
      await page.getByRole('textbox', { name: 'Handle or DID' }).fill('alice.test')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByRole('heading', { name: 'Not set up' })).toBeVisible()
      await context.close()
    }
  })
})

test('LB-5 localNetwork is refused when the public URL is a public name', async ({ page, network }) => {
  const secrets = Object.fromEntries(
    Object.entries(parseEnv(await generateKeys())).map(([name, value]) => [name, value ?? '']),
  )
  const env = { ...secrets, PUBLIC_URL, DEMO_NETWORK: JSON.stringify(network.localNetwork) }
  await withApp(env, async (app) => {
    expect((await page.goto(`${app.url}/oauth/login`))?.status()).toBe(500)
    expect(ownLines(app)).toEqual([
      expect.stringContaining('localNetwork is for development on this machine'),
    ])
  })
})

test('a data directory that cannot be written is told as "try again" with Retry-After, and the cookie stays', async ({
  page,
}) => {
  // A folder cannot be made below a file, not even by root.
  await withApp(
    { PUBLIC_URL: 'http://127.0.0.1:1', ATPROTO_DATA_DIR: join(import.meta.filename, 'data') },
    async (app) => {
      const response = await page.goto(`${app.url}/oauth/callback?state=x&iss=y&code=z`)
      expect(response?.status()).toBe(503)
      const headers = await response?.allHeaders()
      expect([headers?.['retry-after'], headers?.['set-cookie']]).toEqual(['5', undefined])
      await expectFine(page, 'the page of a store that is down')
    },
  )
})
