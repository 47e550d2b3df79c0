/** Every page of the app, with its own scripts and without: nothing that axe finds, and none that scrolls sideways. */
import { DatabaseSync } from 'node:sqlite'
import { renderCallbackPage, renderPage } from '../../lib/cli/sign-in/callback-pages.ts'
import { expect, type Page, test } from '../support/e2e/fixtures.ts'
import { expectFine } from '../support/e2e/looks.ts'
import { choosePictures, openMenu } from '../support/e2e/person.ts'
import { addAccount, addPictures, addTimeline, startSignedIn } from '../support/e2e/signed-in.ts'
import { drawAvatar } from '../support/network/avatar.ts'
import { endSessions, pauseAnswers, resumeAnswers, setTokenLifetime } from '../support/network/hooks.ts'

const hills = { name: 'hills.png', mimeType: 'image/png', buffer: Buffer.from(drawAvatar(120)) }

/** A page, and the heading by which it is known to be the one that was meant. */
type Row = readonly [path: string, heading: string]

const ofVisitors: readonly Row[] = [
  ['/', 'Sign in with the account you already have'],
  ['/sign-in', 'Sign in'],
  ['/sign-in?error=access_denied', 'Sign in'],
  ['/nowhere', 'Page not found'],
  ['/compose/too-large', 'That was too large to send'],
  ['/oauth/nowhere', 'Not found'],
  ['/oauth/logout', 'Method not allowed'],
]

const ofMembers: readonly Row[] = [
  ['/', 'Carol Lewis'],
  ['/sign-in', 'Sign in'],
  ['/sign-in?error=scope_missing&scope=atproto&returnTo=/compose', 'The permission was not granted'],
  ['/compose', 'Write a post'],
  ['/timeline', 'Timeline'],
  ['/devices', 'Devices'],
  ['/devices?everywhere=ask', 'Devices'],
]

async function visit(page: Page, origin: string, rows: readonly Row[]): Promise<void> {
  for (const [path, heading] of rows) {
    await page.goto(origin + path)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading)
    await expectFine(page, path)
  }
}

/** Shows what is no answer of the app, or one to a request that no link makes. */
async function show(page: Page, url: string, body: string): Promise<void> {
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.goto(url)
  await page.unroute(url)
}

for (const scripts of ['run', 'blocked'] as const) {
  // What stands there without scripts stands there with them, too.
  test.describe(`scripts ${scripts}`, { tag: scripts === 'run' ? [] : '@long' }, () => {
    test.use({ scripts })

    test('axe finds nothing on the pages of a visitor, and none scrolls sideways', async ({
      page,
      app,
      network,
    }) => {
      test.slow()
      await visit(page, app.origin, ofVisitors)
      const form = `<form method="post" action="${app.origin}/oauth/login"><button>Go</button></form>`
      await show(page, `${network.pds[0].url}/robots.txt`, form)
      await page.getByRole('button', { name: 'Go' }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Request refused')
      await expectFine(page, 'a form of another site')
      const answers = { 'the listener of the command line': renderPage({ title: 'Done', text: 'Close it.' }) }
      for (const [name, body] of Object.entries({ ...answers, 'a callback page': renderCallbackPage() })) {
        await show(page, `${network.pds[0].url}/callback?code=x`, body)
        await expectFine(page, name)
      }
    })

    test('axe finds nothing on the pages of who is signed in, and none scrolls sideways', async ({
      page,
      browser,
      app,
      network,
    }) => {
      test.slow()
      const { carol } = network.accounts
      const elsewhere = await browser.newPage({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
      await addAccount(elsewhere, carol, app)
      await addAccount(page, carol, app)
      await visit(page, app.origin, ofMembers)
      await page.goto(`${app.origin}/devices`)
      await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).first().click()
      await expect(page.getByText('Sign out Firefox on Linux?')).toBeVisible()
      await expectFine(page, 'a device, and whether to sign it out')
      await openMenu(page)
      await expectFine(page, 'the account menu')
      await elsewhere.close()
    })

    test('axe finds nothing on what the app says when something is down or over', async ({
      page,
      app,
      network,
      appView,
    }) => {
      test.slow()
      const { carol } = network.accounts
      const [pds] = network.pds
      setTokenLifetime(pds, 3_000)
      await startSignedIn(page, carol, app)
      pauseAnswers(pds)
      await visit(page, app.origin, [['/', 'Your server did not answer']])
      resumeAnswers(pds)

      using database = new DatabaseSync(app.database)
      database.exec('PRAGMA busy_timeout = 5000; ALTER TABLE entry RENAME TO lost')
      await visit(page, app.origin, [
        ['/', 'Something is wrong on our side'],
        ['/sign-in', 'Sign in'],
        ['/sign-in?error=expired', 'Something is wrong on our side'],
        ['/compose', 'Write a post'],
        ['/timeline', 'Timeline'],
        ['/devices', 'Devices'],
      ])
      database.exec('ALTER TABLE lost RENAME TO entry')

      await addTimeline(page, carol, app)
      // The PDS keeps where the AppView is.
      await page.goto(`${app.origin}/timeline`)
      appView.mode = 'unavailable'
      await visit(page, app.origin, [['/timeline', 'Timeline']])
      await expect(page.getByRole('heading', { name: 'The timeline could not be loaded' })).toBeVisible()
      appView.mode = 'open'

      await endSessions(pds, carol.did)
      // Not before the token has run out.
      const heading = page.getByRole('heading', { level: 1 })
      await expect(async () => {
        await page.goto(app.origin)
        await expect(heading).toHaveText('Your session has ended', { timeout: 500 })
      }).toPass()
      await expectFine(page, 'a session that has ended')
    })
  })
}

test('axe finds nothing on pages with pictures, and none scrolls sideways', async ({
  page,
  app,
  network,
}) => {
  test.slow()
  const { alice } = network.accounts
  await addAccount(page, alice, app)
  await addPictures(page, alice, app)
  await page.goto(`${app.origin}/compose`)
  await choosePictures(page, [hills, { ...hills, buffer: Buffer.from('nothing') }])
  await expect(page.getByText('Uploaded', { exact: true })).toBeVisible()
  await expect(page.locator('.failed')).toBeVisible()
  await expectFine(page, 'a post with pictures')
  await page.getByRole('button', { name: 'Remove picture 2' }).click()
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText('Posted.')).toBeVisible()
  await expectFine(page, 'home with a picture')
  await addTimeline(page, alice, app)
  await visit(page, app.origin, [['/timeline', 'Timeline']])
})

test.describe('scripts blocked', () => {
  test.use({ scripts: 'blocked' })

  test('axe finds nothing on the forms that are others without scripts, and none scrolls sideways', async ({
    page,
    app,
    network,
  }) => {
    const { alice } = network.accounts
    await visit(page, app.origin, [['/sign-in', 'Sign in']])
    await addAccount(page, alice, app)
    await addPictures(page, alice, app)
    await page.goto(`${app.origin}/compose`)
    await page.locator('#main').getByText('Add pictures').click()
    await expect(page.getByRole('group', { name: 'Picture 1' })).toBeVisible()
    await expectFine(page, 'a post with fields for pictures')
  })
})
