/** Two people at the same addresses: each sees what is theirs, also through a cache that they share. */
import type { BrowserContext } from '@playwright/test'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'
import { type SharedCache, startSharedCache } from '../support/shared-cache.ts'
import { expect, type RunningApp, test } from './fixtures.ts'
import { ask, signIn } from './person.ts'

interface Form {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

const flight = { rsc: '1' }
const prefetch = { rsc: '1', 'next-router-prefetch': '1' }
const runtimePrefetch = { rsc: '1', 'next-router-prefetch': '2' }
const segment = { ...prefetch, 'next-router-segment-prefetch': '/_tree' }
const pageSegment = { ...prefetch, 'next-router-segment-prefetch': '/__PAGE__' }

/** Every way to ask for what the app has that caches, routers and attackers have found so far. */
const forms: readonly Form[] = [
  ...['/', '/compose', '/sign-in', '/avatar', '/nowhere'].flatMap((path) => [
    { path },
    { path: `${path}?v=1` },
    { path, headers: flight },
    { path, headers: prefetch },
    { path: `${path}?_rsc=abcde`, headers: flight },
    { path, method: 'HEAD' },
  ]),
  ...['/', '/compose'].flatMap((path) => [
    { path, headers: runtimePrefetch },
    { path, headers: segment },
    { path, headers: pageSegment },
    { path, headers: { 'x-middleware-prefetch': '1', purpose: 'prefetch' } },
    { path, headers: { accept: 'application/json' } },
    { path, headers: { 'x-forwarded-host': 'cache.example' } },
  ]),
  ...[
    '//',
    '/.',
    '/%2e',
    '/./compose',
    '/%63ompose',
    '/COMPOSE',
    '/compose/',
    '//compose',
    '/compose%2f',
  ].map((path) => ({ path })),
  ...[
    '/index',
    '/index.rsc',
    '/compose.rsc',
    '/compose.css',
    '/compose/x.css',
    '/avatar.png',
    '/avatar/x.js',
  ].map((path) => ({ path })),
  { path: '/compose.segments/_tree.segment.rsc', headers: segment },
  { path: '/_next/data/development/index.json' },
  { path: '/_next/data/x/compose.json', headers: { 'x-nextjs-data': '1' } },
  { path: '/_next/image?url=%2Favatar&w=64&q=75' },
  ...['/oauth/login', '/oauth/callback', '/oauth/logout', '/oauth/switch', '/oauth/jwks.json'].map(
    (path) => ({ path }),
  ),
  ...['/oauth-client-metadata.json', '/logo.svg', '/icon.svg', '/_next/static/x.js'].map((path) => ({
    path,
  })),
]

async function cookieOf(context: BrowserContext, app: RunningApp): Promise<string> {
  const cookies = await context.cookies(app.origin)
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

const labelOf = ({ method = 'GET', path, headers = {} }: Form) =>
  `${method} ${path} ${JSON.stringify(headers)}`

/** What nobody else may see of a person. */
async function marksOf(
  context: BrowserContext,
  app: RunningApp,
  account: { did: string; displayName: string },
) {
  const avatar = Buffer.from(await (await ask(context, app, '/avatar')).arrayBuffer())
  const texts = [account.did, encodeURIComponent(account.did), account.displayName].map((text) =>
    Buffer.from(text),
  )
  return avatar.length > 0 ? [...texts, avatar.subarray(64, 256)] : texts
}

const shows = ({ headers, body }: RawAnswer, marks: readonly Buffer[]) => {
  const whole = Buffer.concat([Buffer.from(JSON.stringify(headers)), body])
  return marks.some((mark) => whole.includes(mark))
}

test('CK-9 X3: a shared cache in front gives no byte of one person to another, whatever URL is asked', async ({
  page,
  browser,
  app,
  network,
}) => {
  test.setTimeout(120_000)
  const { alice, bob } = network.accounts
  const other = await browser.newContext({ ignoreHTTPSErrors: true })
  await signIn(page, alice, app)
  await signIn(await other.newPage(), bob, app)
  const people = [
    {
      name: 'alice',
      cookie: await cookieOf(page.context(), app),
      marks: await marksOf(page.context(), app, alice),
    },
    { name: 'bob', cookie: await cookieOf(other, app), marks: await marksOf(other, app, bob) },
  ]
  const visitors = [...people, { name: 'nobody', cookie: '', marks: [] }]
  await using cache: SharedCache = await startSharedCache(app.server.url)
  const seenBySelf = new Set<string>()
  const crossed: string[] = []

  // Once in each order, so that each of them is the one whom a cache hears first.
  for (const order of [visitors, visitors.toReversed(), [...visitors.slice(1), ...people]]) {
    for (const form of forms) {
      for (const { name, cookie, marks } of order) {
        const headers = { ...form.headers, ...(cookie && { cookie }), host: new URL(app.server.url).host }
        const answer = await sendRaw(cache.url, { ...form, headers })
        const others = people.filter((person) => person.name !== name)
        for (const person of others)
          if (shows(answer, person.marks)) crossed.push(`${labelOf(form)}: ${person.name} to ${name}`)
        if (shows(answer, marks)) seenBySelf.add(`${name} ${form.path}`)
      }
    }
  }
  expect(crossed).toEqual([])
  // There was something to see, and the cache is one.
  expect([...seenBySelf]).toEqual(expect.arrayContaining(['alice /', 'alice /avatar', 'bob /']))
  expect(cache.hits()).toBeGreaterThan(50)
  await other.close()
})

test('X3: whoever gets a cookie gets it in an answer that no cache keeps, and pages are made for each request', async ({
  page,
  context,
  app,
  network,
}) => {
  const cookies: string[] = []
  const pages: string[] = []
  const open: Promise<void>[] = []
  page.on('response', (response) => {
    const { pathname, origin } = new URL(response.url())
    if (origin !== app.origin) return
    const read = async () => {
      const headers = await response.allHeaders()
      const said = headers['cache-control'] ?? 'nothing'
      if (headers['set-cookie'] !== undefined) cookies.push(`${pathname} ${said}`)
      const isPage = /^text\/(html|x-component)/.test(headers['content-type'] ?? '')
      if (isPage && response.ok()) pages.push(`${pathname} ${said}`)
    }
    open.push(read())
  })
  await signIn(page, network.accounts.alice, app)
  await page.goto(`${app.origin}/compose`)
  await page.goto(app.origin)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${app.origin}/`)
  await Promise.all(open)
  expect(cookies.length).toBeGreaterThanOrEqual(3)
  for (const line of cookies) expect(line).toMatch(/ private, .*no-store/)
  expect(pages.length).toBeGreaterThanOrEqual(4)
  for (const line of pages) expect(line).toMatch(/ private, .*no-store/)
  expect((await ask(context, app, '/')).headers.get('x-nextjs-cache')).toBeNull()
})

test('CK-9: two people at the same addresses each see their own page, also after the other one and after going back', async ({
  page,
  browser,
  app,
  network,
}) => {
  const { alice, bob } = network.accounts
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const other = await context.newPage()
  await signIn(page, alice, app)
  await signIn(other, bob, app)
  for (const round of ['/', '/?again', '/']) {
    for (const [tab, account, stranger] of [
      [page, alice, bob],
      [other, bob, alice],
    ] as const) {
      await tab.goto(app.origin + round)
      await expect(tab.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
      await expect(tab.locator('body')).not.toContainText(stranger.displayName)
      await tab.goto(`${app.origin}/compose`)
      await tab.goBack()
      await expect(tab.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
    }
  }
  await context.close()
})
