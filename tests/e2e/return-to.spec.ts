/** Links and forms that name another site as the place to go to afterwards, in a real browser. */

import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { reachConsent, submitHandle } from '../support/e2e/person.ts'
import { EVIL, fewOpenRedirects } from '../support/open-redirects.ts'
import { sendRaw } from '../support/raw-request.ts'

/** What is tried in a browser; tests/protocol/return-to.test.ts tries all of it, and more, on the same routes. */
const payloads =
  process.env.LONG === '1' ? fewOpenRedirects : fewOpenRedirects.filter((_, at) => at % 5 === 0)

/** Places outside of the app that the page, or a tab of it, was to be taken to. */
function watchForeign(page: Page, app: RunningApp): readonly string[] {
  const foreign: string[] = []
  page.on('request', (request) => {
    if (request.isNavigationRequest() && new URL(request.url()).origin !== app.origin)
      foreign.push(request.url())
  })
  page.on('dialog', (dialog) => {
    foreign.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return foreign
}

/** Sends a form of the page at hand. */
async function submit(page: Page, action: string, returnTo: string): Promise<void> {
  const arrived = page.waitForEvent('load')
  await page.evaluate(
    ([target, value]) => {
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', action: target })
      const input = document.createElement('input')
      Object.assign(input, { type: 'hidden', name: 'returnTo', value })
      form.append(input)
      document.body.append(form)
      form.submit()
    },
    [action, returnTo] as const,
  )
  await arrived
}

test.beforeEach(async ({ context, app }) => {
  // Only the addresses of the pages matter here.
  await context.route(`${app.origin}/**`, (route) =>
    route.request().resourceType() === 'document' ? route.fallback() : route.abort(),
  )
})

test('X6: signing out leads to no other site, whatever the form says', async ({ page, app }) => {
  test.setTimeout(240_000)
  const foreign = watchForeign(page, app)
  await page.goto(app.origin)
  for (const payload of payloads) {
    await submit(page, '/oauth/logout', payload)
    expect(new URL(page.url()).origin, JSON.stringify(payload)).toBe(app.origin)
  }
  expect(foreign).toEqual([])
})

test('X6: neither the sign-in page nor its form leads to another site, whatever the link says', async ({
  page,
  app,
}) => {
  test.setTimeout(240_000)
  const foreign = watchForeign(page, app)
  for (const payload of payloads.filter((text) => text.length < 2_000)) {
    const query = new URLSearchParams({ returnTo: payload, identifier: 'not a name' })
    await page.goto(`${app.origin}/oauth/login?${query}`)
    // The app's own page: after a mistake the place to return to has been through the login route.
    expect(new URL(page.url()).origin, JSON.stringify(payload)).toBe(app.origin)
    const field = page.locator('input[name=returnTo]')
    if ((await field.count()) === 0) continue
    const place = await field.inputValue()
    expect(URL.parse(place, app.origin)?.origin, JSON.stringify(payload)).toBe(app.origin)
  }
  expect(foreign).toEqual([])
})

for (const [payload, tag] of [
  [`//${EVIL}`, []],
  [`/.//${EVIL}`, ['@long']],
] as const) {
  test(`X6: a whole sign-in from a link with ${payload} ends on this site`, { tag: [...tag] }, async ({
    page,
    app,
    network,
  }) => {
    const gone: string[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).hostname.includes(EVIL)) gone.push(request.url())
    })
    await page.goto(`${app.origin}/sign-in?${new URLSearchParams({ returnTo: payload })}`)
    await submitHandle(page, network.accounts.carol.handle)
    await reachConsent(page, network.accounts.carol)
    await page.getByRole('button', { name: 'Authorize', exact: true }).click()
    await page.waitForURL(`${app.origin}/`)
    expect(gone).toEqual([])
  })
}

test('X6: the guard, and Next before it, redirect to this app alone, whatever path is asked', async ({
  app,
}) => {
  const host = new URL(app.server.url).host
  const paths = [
    ...[
      '//evil.test/compose',
      '//evil.test',
      '///evil.test/',
      '/\\evil.test',
      '/.//evil.test',
      '//evil.test/%2e%2e/',
    ],
    ...[
      '/compose?returnTo=//evil.test',
      '/compose?//evil.test',
      '/compose//evil.test',
      '/compose/..//evil.test/',
    ],
    ...[
      '/compose/',
      '/compose%2f',
      '/%2fevil.test/',
      '/%5cevil.test/',
      '//evil.test//',
      '/compose/%2e%2e//evil.test/',
    ],
    ...[
      '/oauth/login/',
      '/oauth//evil.test/',
      '/oauth/login?returnTo=//evil.test&identifier=x',
      '/https://evil.test/',
    ],
  ]
  for (const path of paths) {
    for (const headers of [
      { host },
      { host, 'x-forwarded-host': EVIL, 'x-forwarded-proto': 'https', forwarded: `host=${EVIL}` },
    ]) {
      const answer = await sendRaw(app.server.url, { path, headers })
      expect([path, answer.status < 500]).toEqual([path, true])
      const { location, refresh } = answer.headers
      if (location === undefined) continue
      // Next repeats some of its own redirects there.
      expect([undefined, `0;url=${location}`]).toContain(refresh)
      const target = URL.parse(location, app.server.url)
      expect([path, location, target?.origin]).toEqual([path, location, app.server.url])
      const back = URL.parse(target?.searchParams.get('returnTo') ?? '/', app.server.url)
      if (path.startsWith('/compose?')) expect([path, back?.origin]).toEqual([path, app.server.url])
    }
  }
})
