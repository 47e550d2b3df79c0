/** Pictures of every page in light and dark, narrow and wide; `npm run pictures` keeps them in docs/pictures. */

import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { takePictures } from '../support/e2e/looks.ts'
import { choosePictures, openMenu, reachConsent, submitHandle } from '../support/e2e/person.ts'
import { addAccount, addPictures, addTimeline, startSignedIn } from '../support/e2e/signed-in.ts'
import { drawAvatar } from '../support/network/avatar.ts'
import { pauseAnswers, resumeAnswers } from '../support/network/hooks.ts'

async function write(page: Page, text: string, app: RunningApp): Promise<void> {
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill(text)
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText(text, { exact: true })).toBeVisible()
}

test('every page has its picture', { tag: '@long' }, async ({ page, app, network }, testInfo) => {
  const { alice } = network.accounts
  await page.goto(app.origin)
  await takePictures(page, 'welcome', testInfo)
  await page.goto(`${app.origin}/sign-in`)
  await takePictures(page, 'sign-in', testInfo)
  await submitHandle(page, 'nobody.test')
  await expect(page.locator('main').getByRole('alert')).toBeVisible()
  await takePictures(page, 'sign-in-error', testInfo)
  await page.goto(`${app.origin}/nowhere`)
  await takePictures(page, 'not-found', testInfo)
  await page.goto(`${app.origin}/oauth/login`)
  await submitHandle(page, alice.handle)
  await reachConsent(page, alice)
  await takePictures(page, 'consent', testInfo)

  await startSignedIn(page, alice, app)
  await takePictures(page, 'home-empty', testInfo)
  await write(
    page,
    'Down the rabbit hole, never once considering how in the world I was to get out again.',
    app,
  )
  await write(page, 'Curiouser and curiouser!', app)
  await page.goto(app.origin)
  await takePictures(page, 'home', testInfo)
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill('Why is a raven like a writing desk?')
  await takePictures(page, 'compose', testInfo)
})

test(
  'every page of more than words and one account has its picture',
  { tag: '@long' },
  async ({ page, browser, app, network }, testInfo) => {
    const { alice, bob } = network.accounts
    await startSignedIn(page, bob, app)
    await write(page, 'Your hair wants cutting.', app)
    await startSignedIn(page, alice, app)
    await addPictures(page, alice, app)
    await page.goto(`${app.origin}/compose`)
    const buffer = Buffer.from(drawAvatar(480))
    await choosePictures(page, [{ name: 'moon.png', mimeType: 'image/png', buffer }])
    await expect(page.getByText('Uploaded', { exact: true })).toBeVisible()
    await page.getByRole('textbox', { name: /^Description of picture 1/ }).fill('A moon over two hills')
    await page.getByRole('textbox', { name: 'Your post' }).fill('The moon, out here, is never late.')
    await takePictures(page, 'compose-picture', testInfo)
    await page.getByRole('button', { name: 'Post', exact: true }).click()
    await expect(page.getByText('Posted.')).toBeVisible()

    await page.goto(`${app.origin}/timeline`)
    await takePictures(page, 'timeline-permission', testInfo)
    await addTimeline(page, alice, app)
    await page.goto(`${app.origin}/timeline`)
    await takePictures(page, 'timeline', testInfo)
    const elsewhere = await browser.newPage({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' })
    await addAccount(elsewhere, alice, app)
    await elsewhere.close()
    await page.goto(`${app.origin}/devices`)
    await takePictures(page, 'devices', testInfo)
    await openMenu(page)
    await takePictures(page, 'account-menu', testInfo)
    await page.goto(`${app.origin}/devices`)
    await page.getByRole('link', { name: 'Sign out… Firefox on Linux' }).click()
    await expect(page.getByText('Sign out Firefox on Linux?')).toBeVisible()
    await takePictures(page, 'device-confirmation', testInfo)
    pauseAnswers(network.pds[0])
    await page.goto(app.origin)
    await expect(page.getByRole('heading', { name: 'Your server did not answer' })).toBeVisible()
    await takePictures(page, 'server-down', testInfo)
    resumeAnswers(network.pds[0])
  },
)
