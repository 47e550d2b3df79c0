/**
 * Every page in every state that its session, the store, the PDS and the permissions can be in: its frame is there, and a
 * sentence says what to do.
 */
import { DatabaseSync } from 'node:sqlite'
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { addAccount, addTimeline } from '../support/e2e/signed-in.ts'
import { endSessions, pauseAnswers, setTokenLifetime } from '../support/network/hooks.ts'

/** A path, and the sentence that it shows. */
type Row = readonly [path: string, sentence: string | RegExp]

const signIn = 'You enter your password on your own server'
const paths = ['/', '/compose', '/compose/pictures', '/timeline', '/timeline/allow', '/devices', '/sign-in']

async function expectShown(page: Page, what: string, sentence: string | RegExp): Promise<void> {
  await expect(page.getByRole('main').getByText(sentence).first(), what).toBeVisible()
  await expectFrame(page, what)
}

async function expectFrame(page: Page, what: string): Promise<void> {
  await expect(page.getByRole('banner').getByRole('link', { name: 'Next ATProto' }), what).toBeVisible()
  await expect(page.getByRole('contentinfo'), what).toContainText('Your password stays on your server')
}

async function visit(page: Page, app: RunningApp, rows: readonly Row[]): Promise<void> {
  for (const [path, sentence] of rows) {
    await page.goto(app.origin + path)
    await expectShown(page, path, sentence)
  }
}

/** Goes there as by a link of the app: typed into the address bar, such an address only shows the form to sign in. */
async function follow(page: Page, app: RunningApp, path: string): Promise<void> {
  await page.goto(app.origin)
  await page.evaluate((to) => location.assign(to), path)
}

/** Takes the table of the session store away, until it is disposed of. */
function takeStoreAway(app: RunningApp): Disposable {
  const run = (sql: string) => {
    using database = new DatabaseSync(app.database)
    database.exec(`PRAGMA busy_timeout = 5000; ${sql}`)
  }
  run('ALTER TABLE entry RENAME TO lost')
  return { [Symbol.dispose]: () => run('ALTER TABLE lost RENAME TO entry') }
}

test('no session: the home page says what the app is for, every other page leads to the sign-in', async ({
  page,
  app,
}) => {
  await visit(page, app, [['/', 'See your latest posts and write a new one.']])
  await visit(
    page,
    app,
    paths.slice(1).map((path) => [path, signIn]),
  )
})

test('a session that was signed out elsewhere: as without one, although the cookie is still there', async ({
  page,
  app,
  network,
}) => {
  await addAccount(page, network.accounts.carol, app)
  const cookies = await page.context().cookies(app.origin)
  await page.goto(app.origin)
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  await page.context().addCookies(cookies)
  await visit(page, app, [['/', 'See your latest posts and write a new one.']])
  await visit(
    page,
    app,
    paths.slice(1).map((path) => [path, signIn]),
  )
})

test('a session that its server has ended: sign in again', async ({ page, app, network }) => {
  const { carol } = network.accounts
  setTokenLifetime(network.pds[0], 2_000)
  await addAccount(page, carol, app)
  await endSessions(network.pds[0], carol.did)
  const ended = page.getByText('Sign in again to continue.')
  // Not before the token has run out.
  await expect(async () => {
    await page.goto(app.origin)
    await expect(ended).toBeVisible({ timeout: 500 })
  }).toPass()
  await expectShown(page, '/', 'Sign in again to continue.')
  await visit(
    page,
    app,
    paths.slice(1).map((path) => [path, signIn]),
  )
})

test('a session store that is down: nobody is signed out, and a later try helps', async ({
  page,
  browser,
  app,
  network,
}) => {
  await addAccount(page, network.accounts.carol, app)
  const sentence = 'This app cannot check right now whether you are signed in.'
  {
    using _ = takeStoreAway(app)
    await visit(
      page,
      app,
      paths.map((path) => [path, sentence]),
    )
    await page.goto(`${app.origin}/compose`)
    await page.getByRole('textbox', { name: 'Your post' }).fill('Kept')
    await page.getByRole('button', { name: 'Post', exact: true }).click()
    await expectShown(page, 'a post', /cannot check right now .* post it again\./)
    await expect(page.getByRole('textbox', { name: 'Your post' })).toHaveValue('Kept')
    // With JavaScript off, what is streamed is not shown: the same is said on the page that is sent whole.
    const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true })
    await context.addCookies(await page.context().cookies(app.origin))
    const plain = await context.newPage()
    for (const path of ['/', '/timeline', '/devices']) {
      await plain.goto(app.origin + path)
      await expectFrame(plain, path)
      await plain.getByRole('link', { name: 'Show it without JavaScript' }).click()
      await expectShown(plain, path, sentence)
    }
    await context.close()
  }
  await visit(page, app, [['/devices', 'is signed in to this app on these devices.']])
})

test('a PDS that is down: every page says that it did not answer, or works without it', async ({
  page,
  app,
  network,
}) => {
  const { bob } = network.accounts
  await addAccount(page, bob, app)
  await addTimeline(page, bob, app)
  pauseAnswers(network.pds[1], 'drop')
  const noTimeline = /did not answer\. You are still signed in\. Wait a moment and try again\./
  await visit(page, app, [
    ['/', /did not answer just now\. You are still signed in: wait a moment and try again\./],
    ['/timeline', noTimeline],
    ['/timeline/allow', noTimeline],
    ['/devices', 'is signed in to this app on these devices.'],
    ['/sign-in', 'You are already signed in.'],
    ['/compose/pictures', 'You are already signed in.'],
    ['/compose', 'Your post is stored on your server, and anyone can read it.'],
  ])
  await follow(page, app, '/compose/pictures')
  await expectShown(
    page,
    '/compose/pictures',
    'You are still signed in, and everything else works as before.',
  )
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill('Is anyone there?')
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expectShown(page, 'a post', 'Your server did not answer. Check your posts before you try again')
})

test('a permission that is missing: the page says so, and leads to the server that can grant it', async ({
  page,
  app,
  network,
}) => {
  const { carol } = network.accounts
  await addAccount(page, carol, app)
  await visit(page, app, [
    ['/compose', 'To add pictures, this app needs one more permission.'],
    ['/timeline', 'To show your timeline, it needs one more permission.'],
  ])
  for (const path of ['/compose/pictures', '/timeline/allow']) {
    await follow(page, app, path)
    await page.waitForURL(`${carol.pdsUrl}/**`)
  }
})
