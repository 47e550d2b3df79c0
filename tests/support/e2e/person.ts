/** What a person does in the browser, on the app's pages and on the PDS's own. */
import type { BrowserContext } from '@playwright/test'
import type { LocalAccount } from '../network/accounts.ts'
import { expect, type Page, type RunningApp } from './fixtures.ts'

/** The page of a PDS may be long in coming: whole builds run beside some of these tests. */
const expectAtPds = expect.configure({ timeout: 30_000 })

/** Types the handle on the sign-in page and sends the form. */
export async function submitHandle(page: Page, handle: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill(handle)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Types the password, if the PDS asks for it, and stops at the consent page. */
export async function reachConsent(page: Page, account: LocalAccount): Promise<void> {
  const password = page.getByRole('textbox', { name: 'Password' })
  const authorize = page.getByRole('button', { name: 'Authorize', exact: true })
  await expectAtPds(password.or(authorize).first()).toBeVisible()
  if (await password.isVisible()) {
    await password.fill(account.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  await expectAtPds(authorize).toBeVisible()
}

/** Approves what the PDS asks, and waits until the app has the browser back. */
export async function approve(page: Page, account: LocalAccount, app: RunningApp): Promise<void> {
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  await page.waitForURL(`${app.origin}/**`)
}

/** Signs in and approves, from wherever a sign-in form is shown, until the app has the browser back. */
export async function signInHere(page: Page, account: LocalAccount, app: RunningApp): Promise<void> {
  await submitHandle(page, account.handle)
  await approve(page, account, app)
}

/** Opens the account menu of the header. */
export async function openMenu(page: Page): Promise<void> {
  await page.locator('summary[data-atproto="account-menu-button"]').click()
}

/** Opens the page to write a post, as far as it depends on the session: the form itself is there before. */
export async function openComposer(page: Page, app: RunningApp): Promise<void> {
  await page.goto(`${app.origin}/compose`)
  await expect(page.getByText(/^Your server is /)).toBeVisible()
}

/** Chooses pictures for a post, where scripts run. */
export async function choosePictures(page: Page, files: readonly FilePayload[]): Promise<void> {
  // Until its script runs, the form has plain fields in its place.
  await expect(page.getByRole('button', { name: 'Add pictures' })).toBeVisible()
  await page.locator('input[type=file]').setInputFiles([...files])
}

interface FilePayload {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

/** Signs in from the app's sign-in page. */
export async function signIn(page: Page, account: LocalAccount, app: RunningApp): Promise<void> {
  await page.goto(`${app.origin}/sign-in`)
  await signInHere(page, account, app)
  await expect(page.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
}

/**
 * The app's answer to a request with this browser's cookies but headers of the test's own; sent to the app
 * itself, past the TLS front. Redirects within the app are followed.
 */
export async function ask(
  context: BrowserContext,
  app: RunningApp,
  path: string,
  init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const cookies = await context.cookies(app.origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const headers = { cookie, ...init.headers }
  const response = await fetch(app.server.url + path, { ...init, headers, redirect: 'manual' })
  const location = response.headers.get('location')
  return location?.startsWith('/') ? ask(context, app, location, init) : response
}

/** Where a page sends the browser after its shell was sent, when a redirect's status comes too late. */
export function refreshIn(html: string): string | undefined {
  const [, url] = /<meta[^>]* http-equiv="refresh" content="\d+;url=([^"]*)"/.exec(html) ?? []
  return url?.replaceAll('&amp;', '&')
}

/** The texts of the account's posts as its PDS has them, read without the app. */
export async function postsOnPds(account: LocalAccount): Promise<readonly string[]> {
  const url = new URL('/xrpc/com.atproto.repo.listRecords', account.pdsUrl)
  url.search = new URLSearchParams({ repo: account.did, collection: 'app.bsky.feed.post' }).toString()
  const body = await (await fetch(url)).json()
  return body.records.map((record: { value: { text: string } }) => record.value.text)
}
