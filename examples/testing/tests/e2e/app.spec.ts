import { type BrowserContext, expect, test } from '@playwright/test'
import { connectTestNetwork, signedInCookie, testDid } from 'next-atproto-auth/testing'
import { scope } from '../../scope'
import { dataDirectory, networkUrl, publicUrl, secret } from '../settings'

const network = connectTestNetwork(networkUrl)
const did = testDid('alice.test')
const collection = 'app.bsky.feed.post'

const signIn = () => signedInCookie({ publicUrl, secret, scope, dataDirectory, network, did })
const addSession = async (context: BrowserContext) => context.addCookies([(await signIn()).cookie])

test.beforeEach(() => network.reset())

test('a page shows the posts of the person who is signed in', async ({ request }) => {
  await network.createRecord('alice.test', collection, { text: 'From before' })
  const { header } = await signIn()
  const page = await request.get('/', { headers: { cookie: header } })
  expect(await page.text()).toContain('From before')
})

test('a post is written', async ({ context, page }) => {
  await addSession(context)
  await page.goto('/')
  await page.getByRole('textbox', { name: 'Your post' }).fill('Hello')
  await page.getByRole('button', { name: 'Post' }).click()
  await expect(page.getByRole('listitem')).toHaveText('Hello')
  expect(await network.records('alice.test', collection)).toHaveLength(1)
})

test('a person signs in and out', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill('alice.test')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText(`Signed in as ${did}`)).toBeVisible()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
})

test('a person who denies is told so', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill('alice.test')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByText('The sign-in was not completed')).toBeVisible()
})

test('the page says so when the server of the account is down', async ({ context, page }) => {
  await addSession(context)
  await network.setFaults({ down: ['pds'] })
  await page.goto('/')
  await expect(page.getByText('Your posts cannot be loaded now.')).toBeVisible()
})

test('a session that has ended leads to the server of the account', async ({ context, page }) => {
  await addSession(context)
  await page.goto('/')
  await network.endSessions('alice.test')
  await page.getByRole('textbox', { name: 'Your post' }).fill('Too late')
  await page.getByRole('button', { name: 'Post' }).click()
  await expect(page.getByRole('button', { name: 'Approve' })).toBeVisible()
  expect(await network.records('alice.test', collection)).toEqual([])
})
