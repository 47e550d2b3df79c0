/**
 * A browser in which somebody is signed in, without the pages of the PDS, which take seconds to load: the requests are
 * those that the pages send, and the cookies go into the browser. For tests of what comes after a sign-in; the tests of
 * the sign-in itself use the real pages.
 */
import type { BrowserContext } from '@playwright/test'
import { createBrowser } from '../browser.ts'
import type { LocalAccount } from '../network/accounts.ts'
import { approve, type Cookies } from '../person.ts'
import { sendRaw } from '../raw-request.ts'
import { expect, type Page } from './fixtures.ts'

export interface SignInApp {
  /** Where a browser finds it. */
  readonly origin: string
  readonly server: { readonly url: string }
}

/** What a browser says when a link on a page of the app is clicked. */
const click = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const MAX_REDIRECTS = 5

/** Signs in beside the accounts that the browser has already, and opens the app's home page. */
export async function startSignedIn(page: Page, account: LocalAccount, app: SignInApp): Promise<void> {
  await addAccount(page, account, app)
  await page.goto(app.origin)
  await expect(page.getByRole('heading', { level: 1, name: account.displayName })).toBeVisible()
}

/** Signs in beside the accounts that the browser has already; the page stays where it is. */
export function addAccount(page: Page, account: LocalAccount, app: SignInApp): Promise<void> {
  const form = new URLSearchParams({ identifier: account.handle }).toString()
  return approveFrom(page, account, { app, path: '/oauth/login', form })
}

/** Allows pictures, as somebody who is signed in; the page stays where it is. */
export function addPictures(page: Page, account: LocalAccount, app: SignInApp): Promise<void> {
  return approveFrom(page, account, { app, path: '/compose/pictures' })
}

/** Allows the timeline, as somebody who is signed in; the page stays where it is. */
export function addTimeline(page: Page, account: LocalAccount, app: SignInApp): Promise<void> {
  return approveFrom(page, account, { app, path: '/timeline/allow' })
}

/** Follows an address of the app, or the answer to a form, to the account's PDS, approves there, and brings the answer back to the app. */
export async function approveFrom(
  page: Page,
  account: LocalAccount,
  { app, path, form }: { readonly app: SignInApp; readonly path: string; readonly form?: string },
): Promise<void> {
  const context = page.context()
  // Sessions are listed by it.
  const userAgent = await page.evaluate(() => navigator.userAgent)
  const browser = createBrowser(await readCookies(context, app.origin))
  const open = async (url: URL, body?: string): Promise<URL> => {
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    const headers = { ...click, ...type, 'user-agent': userAgent, cookie: browser.header() }
    const answer = await sendRaw(app.server.url, {
      method: body === undefined ? 'GET' : 'POST',
      path: url.pathname + url.search,
      headers,
      body: body === undefined ? undefined : Buffer.from(body),
    })
    browser.take(answer.headers['set-cookie'] ?? [])
    if (answer.headers.location === undefined) throw new Error(`${url} answers ${answer.status}.`)
    return new URL(answer.headers.location, app.origin)
  }
  let url = await open(new URL(path, app.origin), form)
  for (let at = 1; at < MAX_REDIRECTS && url.origin === app.origin; at += 1) url = await open(url)

  // As from a new device: one that the PDS knows is not always asked.
  const device: Cookies = new Map()
  const callback = await approve(url, account, undefined, device)
  const next = await open(callback)
  // Where paths end in a slash, Next sends the browser there first.
  if (next.pathname === `${callback.pathname}/`) await open(next)
  await writeCookies(context, account.pdsUrl, device)
  await writeCookies(context, app.origin, browser.jar)
}

async function readCookies(context: BrowserContext, origin: string) {
  return (await context.cookies(origin)).map(({ name, value }) => [name, value] as const)
}

/** Leaves the browser what has changed. */
async function writeCookies(
  context: BrowserContext,
  origin: string,
  cookies: ReadonlyMap<string, string>,
): Promise<void> {
  const before = new Map(await readCookies(context, origin))
  const changed = Array.from(cookies).filter(([name, value]) => before.get(name) !== value)
  const secure = origin.startsWith('https:')
  await context.addCookies(
    changed.map(([name, value]) => ({
      name,
      value,
      secure,
      url: origin,
      httpOnly: true,
      sameSite: 'Lax' as const,
    })),
  )
}
