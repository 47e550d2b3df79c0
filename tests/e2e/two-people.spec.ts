/** Two people at the same addresses: each sees what is theirs, also through a cache that they share. */
import type { BrowserContext } from '@playwright/test'
import { appPaths, type Form, formsFor, picturePath, postPicture } from '../support/e2e/every-address.ts'
import { expect, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { ask, signIn } from '../support/e2e/person.ts'
import { addAccount, startSignedIn } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'
import { type SharedCache, startSharedCache } from '../support/shared-cache.ts'

async function cookieOf(context: BrowserContext, app: RunningApp): Promise<string> {
  const cookies = await context.cookies(app.origin)
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

const labelOf = ({ method = 'GET', path, headers = {} }: Form) =>
  `${method} ${path} ${JSON.stringify(headers)}`

/** What nobody else may see of a person. */
async function marksOf(context: BrowserContext, app: RunningApp, account: LocalAccount, posted: Buffer) {
  const avatar = Buffer.from(await (await ask(context, app, '/avatar')).arrayBuffer())
  const texts = [account.did, encodeURIComponent(account.did), account.displayName].map((text) =>
    Buffer.from(text),
  )
  const pictures = [avatar, posted].filter(({ length }) => length > 0)
  return [...texts, ...pictures.map((bytes) => bytes.subarray(64, 256))]
}

/** Whether an answer holds one of the marks, other than those that were in the question. */
const shows = ({ headers, body }: RawAnswer, marks: readonly Buffer[], asked: string) => {
  const whole = Buffer.concat([Buffer.from(JSON.stringify(headers)), body])
  return marks.some((mark) => !asked.includes(mark.toString()) && whole.includes(mark))
}

test('CK-9 X3: a shared cache in front gives no byte of one person to another, whatever URL is asked', async ({
  page,
  browser,
  app,
  network,
}) => {
  test.setTimeout(240_000)
  const { alice, bob } = network.accounts
  const other = await browser.newContext({ ignoreHTTPSErrors: true })
  await addAccount(page, alice, app)
  await addAccount(await other.newPage(), bob, app)
  const forms = formsFor([alice, bob])
  const asked = forms.map(({ path }) => path.replace(/\?.*/, '').replace(/^\/oauth\/.*/, '/oauth/*'))
  expect(asked).toEqual(expect.arrayContaining([...appPaths()]))
  // Of two sizes, at one address.
  const posted = [await postPicture(alice, 90), await postPicture(bob, 110)] as const
  const people = [
    {
      name: 'alice',
      cookie: await cookieOf(page.context(), app),
      marks: await marksOf(page.context(), app, alice, posted[0]),
    },
    {
      name: 'bob',
      cookie: await cookieOf(other, app),
      marks: await marksOf(other, app, bob, posted[1]),
    },
  ]
  const visitors = [...people, { name: 'nobody', cookie: '', marks: [] }]
  await using cache: SharedCache = await startSharedCache(app.server.url)
  const seenBySelf = new Set<string>()
  const crossed: string[] = []

  // Once in each order, so that each of them is the one whom a cache hears first.
  const byPath = [...Map.groupBy(forms, ({ path }) => path).values()]
  for (const order of [visitors, visitors.toReversed(), [...visitors.slice(1), ...people]]) {
    const askAll = async (form: Form) => {
      for (const { name, cookie, marks } of order) {
        const headers = { ...form.headers, ...(cookie && { cookie }), host: new URL(app.server.url).host }
        const answer = await sendRaw(cache.url, { ...form, headers })
        const others = people.filter((person) => person.name !== name)
        for (const person of others)
          if (shows(answer, person.marks, form.path))
            crossed.push(`${labelOf(form)}: ${person.name} to ${name}`)
        if (shows(answer, marks, form.path)) seenBySelf.add(`${name} ${form.path}`)
      }
    }
    // What a cache may mix up has one address: the others can be asked at the same time.
    await Promise.all(
      byPath.map(async (sameAddress) => {
        for (const form of sameAddress) await askAll(form)
      }),
    )
  }
  expect(crossed).toEqual([])
  // There was something to see, and the cache is one.
  const both = [
    ...['/', '/devices', '/timeline', '/compose', '/timeline/allow', picturePath],
    ...['/home', '/whole/home', '/whole/timeline', '/whole/devices', '/?scripts=off'],
  ]
  expect([...seenBySelf]).toEqual(
    expect.arrayContaining([
      ...both.flatMap((path) => [`alice ${path}`, `bob ${path}`]),
      ...['alice /avatar', `alice /avatar?${new URLSearchParams({ did: alice.did })}`],
    ]),
  )
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
      if (!isPage || !response.ok()) return
      // A static shell that the router fetches ahead is the same for everyone; only `/` has two.
      const isShell = 'next-router-segment-prefetch' in (await response.request().allHeaders())
      if (!isShell || pathname === '/') pages.push(`${pathname} ${said}`)
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
  await startSignedIn(page, alice, app)
  await startSignedIn(other, bob, app)
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
