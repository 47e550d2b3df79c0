/** The headers of the app's pages, and of the documents that authorization servers fetch from it. */

import { expect, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { ask } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { sendRaw } from '../support/raw-request.ts'

const metadataPath = '/oauth-client-metadata.json'
const jwksPath = '/oauth/jwks.json'

async function readDocument(app: RunningApp, path: string) {
  return JSON.parse((await sendRaw(app.server.url, { path })).body.toString())
}

test('X11: no page of the app may be framed, nor shares a window with the page that opened it', async ({
  page,
  context,
  app,
  network,
}) => {
  await startSignedIn(page, network.accounts.alice, app)
  const paths = ['/', '/sign-in', '/compose', '/nowhere', '/oauth/login', '/oauth/nowhere', '/oauth/logout']
  for (const path of paths) {
    const { headers } = await ask(context, app, path)
    expect([path, headers.get('content-security-policy')]).toEqual([
      path,
      expect.stringContaining("frame-ancestors 'none'"),
    ])
    expect([path, headers.get('cross-origin-opener-policy')]).toEqual([path, 'same-origin'])
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
  }
})

test('X11: a page on another site that frames the sign-in page shows nothing of it', async ({
  page,
  app,
  network,
}) => {
  const elsewhere = `${network.pds[0].url}/robots.txt`
  for (const path of ['/sign-in', '/oauth/login', '/compose']) {
    const body = `<h1>Win</h1><iframe src="${app.origin}${path}"></iframe>`
    await page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.goto(elsewhere)
    // What Chromium shows in place of an answer that it may not show.
    await expect.poll(() => page.frames().at(1)?.url()).toBe('chrome-error://chromewebdata/')
    await expect(page.frameLocator('iframe').getByRole('textbox')).toHaveCount(0)
    await page.unroute(elsewhere)
  }
})

for (const client of ['loopback', 'confidential'] as const) {
  test.describe(client, () => {
    test.use({ client })

    for (const path of [metadataPath, jwksPath]) {
      test(`X14: ${path} can be fetched by any server and page, is JSON, and is kept for five minutes at most`, async ({
        app,
      }) => {
        for (const [method, headers] of [
          ['GET', {}],
          [
            'GET',
            { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
          ],
          ['GET', { accept: 'text/html', cookie: 'x=y', 'x-forwarded-host': 'evil.test' }],
          ['HEAD', {}],
        ] as const) {
          const answer = await sendRaw(app.server.url, { method, path, headers })
          expect([method, answer.status]).toEqual([method, 200])
          expect(answer.headers['content-type']).toBe('application/json')
          expect(answer.headers['access-control-allow-origin']).toBe('*')
          expect(answer.headers['set-cookie']).toBeUndefined()
          const [, age] = /^public, max-age=(\d+)$/.exec(answer.headers['cache-control'] ?? '') ?? []
          expect(Number(age)).toBeGreaterThan(0)
          expect(Number(age)).toBeLessThanOrEqual(300)
          expect(answer.body.length > 0).toBe(method === 'GET')
        }
        // A preflight, which a plain GET never needs, is not refused.
        const preflight = { origin: 'https://elsewhere.test', 'access-control-request-method': 'GET' }
        const { status } = await sendRaw(app.server.url, { method: 'OPTIONS', path, headers: preflight })
        expect([200, 204]).toContain(status)
      })
    }

    test('X14: the documents are those of the running app, not of its build, and hold no private key', async ({
      app,
    }) => {
      const metadata = await readDocument(app, metadataPath)
      const jwks = await readDocument(app, jwksPath)
      const id = client === 'loopback' ? /^http:\/\/localhost/ : `${app.origin}${metadataPath}`
      expect(metadata.client_id).toEqual(client === 'loopback' ? expect.stringMatching(id) : id)
      for (const uri of metadata.redirect_uris) expect(uri).toContain(`${app.origin}/oauth/callback`)
      expect(jwks.keys).toHaveLength(client === 'loopback' ? 0 : 1)
      expect(JSON.stringify([metadata, jwks])).not.toMatch(/"(d|k|p|q|dp|dq|qi|oth|key_ops)"/)
      const { ATPROTO_CLIENT_KEYS: keys, ATPROTO_SECRET: secret } = app.env
      const [, d] = /"d"\s*:\s*"([\w-]+)"/.exec(keys ?? '') ?? []
      for (const text of [d, secret].filter((text) => text !== undefined))
        expect(JSON.stringify([metadata, jwks])).not.toContain(text)
    })
  })
}

test.describe('confidential', () => {
  test.use({ client: 'confidential' })

  test('X14: a real server fetches metadata and keys, and lets the client in', async ({
    page,
    app,
    network,
  }) => {
    await startSignedIn(page, network.accounts.carol, app)
  })
})
