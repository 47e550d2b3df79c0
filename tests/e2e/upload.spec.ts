/** Pictures in posts: chosen, uploaded with progress or by a plain form, posted, and shown. */

import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { ask, choosePictures, openComposer } from '../support/e2e/person.ts'
import { addAccount, addPictures } from '../support/e2e/signed-in.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { drawAvatar } from '../support/network/avatar.ts'
import { countRequests } from '../support/network/hooks.ts'

const hills = { name: 'hills.png', mimeType: 'image/png', buffer: Buffer.from(drawAvatar(120)) }
const large = { name: 'large.png', mimeType: 'image/png', buffer: Buffer.alloc(2_000_001) }
const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('Notes') }
/** A page that calls itself a picture. */
const fake = { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('<script>alert(1)</script>') }

/** Opens the page that writes a post, as somebody who may post pictures. */
async function composeWithPictures(page: Page, account: LocalAccount, app: RunningApp): Promise<void> {
  await addAccount(page, account, app)
  await addPictures(page, account, app)
  await openComposer(page, app)
}

const postButton = (page: Page) => page.getByRole('button', { name: 'Post', exact: true })

test('a picture is uploaded with progress, posted as it is, and shown', async ({ page, app, network }) => {
  const { alice } = network.accounts
  await composeWithPictures(page, alice, app)
  const gate = Promise.withResolvers<void>()
  await page.route('**/compose/upload?*', async (route) => {
    await gate.promise
    await route.continue()
  })
  await choosePictures(page, [hills, large, text])
  await expect(page.getByText('“large.png” is too large (2.1 MB). Pictures can be up to 2 MB')).toBeVisible()
  await expect(page.getByText('“notes.txt” cannot be posted as a picture')).toBeVisible()
  await expect(page.getByRole('progressbar', { name: 'Uploading hills.png' })).toBeVisible()
  await postButton(page).click()
  await expect(page.locator('#post-error')).toContainText('Wait until every picture is uploaded')
  gate.resolve()
  await expect(page.getByText('Uploaded', { exact: true })).toBeVisible()

  await page.getByRole('textbox', { name: /^Description of picture 1/ }).fill('A moon over hills')
  await page.getByRole('textbox', { name: 'Your post' }).fill('Look!')
  await postButton(page).click()
  await expect(page.getByText('Posted.')).toBeVisible()
  const picture = page.getByRole('img', { name: 'A moon over hills' })
  await expect(picture).toHaveJSProperty('naturalWidth', 120)

  const records = new URL('/xrpc/com.atproto.repo.listRecords', alice.pdsUrl)
  records.search = new URLSearchParams({ repo: alice.did, collection: 'app.bsky.feed.post' }).toString()
  const [{ value }] = (await (await fetch(records)).json()).records
  const [image] = value.embed.images
  expect(image).toMatchObject({
    alt: 'A moon over hills',
    aspectRatio: { width: 120, height: 120 },
    image: { mimeType: 'image/png', size: hills.buffer.length },
  })
  const blob = new URL('/xrpc/com.atproto.sync.getBlob', alice.pdsUrl)
  blob.search = new URLSearchParams({ did: alice.did, cid: image.image.ref.$link }).toString()
  const stored = Buffer.from(await (await fetch(blob)).arrayBuffer())
  expect(stored.equals(hills.buffer)).toBe(true)
})

test('what is no picture is refused by the server and can be taken out; only four fit', async ({
  page,
  app,
  network,
}) => {
  const { alice } = network.accounts
  await composeWithPictures(page, alice, app)
  await choosePictures(page, [fake, hills, hills, hills, hills])
  await expect(page.getByText('A post can have up to 4 pictures.')).toBeVisible()
  await expect(page.getByText('“fake.png” cannot be posted as a picture')).toBeVisible()
  await expect(page.getByText('Uploaded', { exact: true })).toHaveCount(3)
  await page.getByRole('button', { name: 'Remove picture 1' }).click()
  await postButton(page).click()
  await expect(page.getByText('Posted.')).toBeVisible()
  const newest = page.getByRole('article').first()
  await expect(newest.getByRole('img', { name: 'A picture without a description' })).toHaveCount(3)
})

test.describe('scripts blocked', () => {
  test.use({ scripts: 'blocked' })

  test('pictures go with the form; what was good is kept when something else was not', async ({
    page,
    app,
    network,
  }) => {
    const { bob } = network.accounts
    await composeWithPictures(page, bob, app)
    await page.getByRole('textbox', { name: 'Your post' }).fill('By hand')
    await page.getByText('Add pictures').click()
    const slot = (number: number) => page.getByRole('group', { name: `Picture ${number}` })
    await slot(1).getByLabel('File').setInputFiles(hills)
    await slot(1).getByLabel('Description').fill('Hills, again')
    await slot(2).getByLabel('File').setInputFiles(fake)
    await postButton(page).click()
    await expect(page.locator('#post-error')).toContainText('“fake.png” cannot be posted as a picture')
    await expect(page.getByRole('textbox', { name: 'Your post' })).toHaveValue('By hand')
    await expect(page.getByText('Uploaded: 120 × 120 pixels')).toBeVisible()
    await postButton(page).click()
    await expect(page.getByText('Posted.')).toBeVisible()
    await expect(page.getByRole('img', { name: 'Hills, again' })).toHaveJSProperty('naturalWidth', 120)
  })
})

test('a form that is far too large is explained', async ({ app }) => {
  const response = await fetch(`${app.server.url}/compose`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    redirect: 'manual',
    body: Buffer.alloc(34_000_000),
  })
  expect([response.status, response.headers.get('location')]).toEqual([303, '/compose/too-large'])
  expect(await (await fetch(`${app.server.url}/compose/too-large`)).text()).toContain('too large to send')
})

test('CK-6 neither a page of another site nor the form of another account uploads anything', async ({
  page,
  context,
  app,
  network,
}) => {
  const { alice, carol } = network.accounts
  await addAccount(page, alice, app)
  await addPictures(page, alice, app)
  const uploads = () => countRequests(network.pds[0], { path: '/xrpc/com.atproto.repo.uploadBlob' })
  const before = uploads()
  const upload = async (account: string, headers: Readonly<Record<string, string>>) => {
    const path = `/compose/upload?${new URLSearchParams({ account, name: 'x.png' })}`
    const { status } = await ask(context, app, path, { method: 'POST', headers })
    return status
  }
  expect(await upload(alice.did, { 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await upload(alice.did, { 'sec-fetch-site': 'same-site' })).toBe(403)
  expect(await upload(alice.did, {})).toBe(403)
  expect(await upload(carol.did, { 'sec-fetch-site': 'same-origin' })).toBe(409)
  await context.clearCookies()
  expect(await upload(alice.did, { 'sec-fetch-site': 'same-origin' })).toBe(401)
  expect(uploads()).toBe(before)
})

test('C11 a post that was written for one account is not sent by another', async ({ page, app, network }) => {
  const { alice, carol } = network.accounts
  await addAccount(page, alice, app)
  await openComposer(page, app)
  await page.getByRole('textbox', { name: 'Your post' }).fill('As Alice')
  const otherTab = await page.context().newPage()
  await addAccount(otherTab, carol, app)
  await postButton(page).click()
  await expect(page.locator('#post-error')).toContainText('switched to another account')
  await expect(page.getByRole('textbox', { name: 'Your post' })).toHaveValue('As Alice')
})
