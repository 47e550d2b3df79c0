/** Next's `basePath`, `trailingSlash` and languages in the path: a build of an own application, and a real sign-in. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { test as base, type Page } from '@playwright/test'
import { generateKeys } from '../../lib/cli/keys.ts'
import { reachConsent, submitHandle } from '../support/e2e/person.ts'
import { approveFrom } from '../support/e2e/signed-in.ts'
import { type AppServer, buildApp, startApp } from '../support/network/app-server.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type LocalNetwork, startNetwork } from '../support/network/network.ts'

interface Shop {
  readonly network: LocalNetwork
  readonly server: AppServer
  /** Where a browser finds it: https, and the base path. */
  readonly url: string
}

const folder = join(import.meta.dirname, 'shop')

const test = base.extend<object, { readonly shop: Shop }>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter.
    async ({}, use) => {
      await using stack = new AsyncDisposableStack()
      await use(await openShop(stack))
    },
    { scope: 'worker', timeout: 600_000 },
  ],
})
const { expect } = test

async function openShop(stack: AsyncDisposableStack): Promise<Shop> {
  await buildApp({ folder })
  const port = await findFreePort()
  const app = { host: 'shop.demo.internal', target: `http://127.0.0.1:${port}` }
  const network = stack.use(await startNetwork({ app }))
  const url = `${network.front?.origin}/shop`
  const data = await mkdtemp(join(tmpdir(), 'atproto-shop-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }))
  const env = {
    ...Object.fromEntries(
      Object.entries(parseEnv(await generateKeys())).map(([key, value = '']) => [key, value]),
    ),
    PUBLIC_URL: url,
    ATPROTO_DATA_DIR: data,
    DEMO_NETWORK: JSON.stringify(network.localNetwork),
  }
  return { network, url, server: stack.use(await startApp({ folder, port, env })) }
}

/** Signs in on the handlers' own page, where the browser is. */
async function signInHere(page: Page, { network, url }: Shop): Promise<string> {
  const { carol } = network.accounts
  await submitHandle(page, carol.handle)
  await reachConsent(page, carol)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await page.waitForURL(`${url}/**`)
  return carol.did
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const get = ({ server }: Shop, path: string) => fetch(server.url + path, { redirect: 'manual' })

test('the client is described with the base path in every address', async ({ shop }) => {
  const document = await (await get(shop, '/shop/oauth-client-metadata.json')).json()
  expect(document).toMatchObject({
    client_id: `${shop.url}/oauth-client-metadata.json`,
    client_uri: shop.url,
    redirect_uris: [`${shop.url}/oauth/callback`],
    jwks_uri: `${shop.url}/oauth/jwks.json`,
  })
  expect((await get(shop, '/shop/oauth/jwks.json')).status).toBe(200)
})

test('a public URL without the base path is told from the build, at the first request', async ({
  shop: _,
}) => {
  const data = await mkdtemp(join(tmpdir(), 'atproto-shop-'))
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  await using server = await startApp({ folder, port, env: { PUBLIC_URL: origin, ATPROTO_DATA_DIR: data } })
  const response = await fetch(`${server.url}/shop/oauth/login/`)
  expect(response.status).toBe(500)
  expect(await response.text()).toContain('<a href="/shop/">')
  await expect.poll(() => server.output()).toContain(`PUBLIC_URL must be ${origin}/shop, with the basePath`)
  await rm(data, { recursive: true, force: true, maxRetries: 3 })
})

test('a link to a guarded page leads a stranger to sign in and there, and the form out again', async ({
  page,
  shop,
}) => {
  await page.goto(`${shop.url}/`)
  await page.getByRole('link', { name: 'Account' }).click()
  await expect(page).toHaveURL(`${shop.url}/oauth/login/?returnTo=%2Faccount%2F%3Fa%3D1`)
  const did = await signInHere(page, shop)
  await expect(page).toHaveURL(`${shop.url}/account/?a=1`)
  await expect(heading(page, `The account of ${did}`)).toBeVisible()

  await page.goto(`${shop.url}/members/whoami/`)
  await expect(page.getByText(did)).toBeVisible()
  await page.goto(`${shop.url}/`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${shop.url}/`)
  await expect(heading(page, 'Nobody is signed in')).toBeVisible()
})

test('the page’s own check leads there too: on a link, in a route handler, on the address', async ({
  page,
  shop,
}) => {
  const signIn = (returnTo: string) => `${shop.url}/oauth/login/?returnTo=${encodeURIComponent(returnTo)}`
  await page.goto(`${shop.url}/`)
  await page.getByRole('link', { name: 'Members' }).click()
  await expect(page).toHaveURL(signIn('/members'))
  await page.goto(`${shop.url}/members/whoami`)
  await expect(page).toHaveURL(signIn('/members/whoami'))
  const did = await signInHere(page, shop)
  await expect(page).toHaveURL(`${shop.url}/members/whoami/`)
  await expect(page.getByText(did)).toBeVisible()
})

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'a server action' : 'a server action without scripts', () => {
    test.use({ javaScriptEnabled })

    test('answers for itself when the session is gone', async ({ page, context, shop }) => {
      const { carol } = shop.network.accounts
      const app = { origin: new URL(shop.url).origin, server: shop.server }
      const form = new URLSearchParams({ identifier: carol.handle }).toString()
      await approveFrom(page, carol, { app, path: '/shop/oauth/login/', form })
      await page.goto(`${shop.url}/members`)
      await expect(heading(page, `A page for ${carol.did}`)).toBeVisible()
      await context.clearCookies()
      await page.getByRole('button', { name: 'Greet' }).click()
      await expect(page).toHaveURL(`${shop.url}/oauth/login/?returnTo=%2Fmembers%3Fgreeted`)
    })
  })
}

test('the guard knows the page in every language, and the middleware behind it its own', async ({
  page,
  shop,
}) => {
  await page.goto(`${shop.url}/de/orders`)
  await expect(page).toHaveURL(`${shop.url}/oauth/login/?returnTo=%2Fde%2Forders%2F`)
  await signInHere(page, shop)
  await expect(heading(page, 'Orders in de')).toBeVisible()
  await page.goto(`${shop.url}/orders/`)
  await expect(page).toHaveURL(`${shop.url}/orders/`)
  await expect(heading(page, 'Orders in en')).toBeVisible()
})
