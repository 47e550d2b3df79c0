/** Forms that were not sent from a page of the app, at each route of the running app that changes something. */
import type { BrowserContext } from '@playwright/test'
import { expect, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { foreignSenders, ownSenders } from '../support/form-senders.ts'
import { countRequests } from '../support/network/hooks.ts'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'

interface Sent {
  readonly action: 'login' | 'logout' | 'switch'
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

async function send(
  context: BrowserContext,
  app: RunningApp,
  { action, fields, headers }: Sent,
): Promise<RawAnswer> {
  const cookies = await context.cookies(app.origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return sendRaw(app.server.url, {
    method: 'POST',
    path: `/oauth/${action}`,
    headers: { cookie, ...type, ...headers },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  })
}

for (const client of ['loopback', 'confidential'] as const) {
  test.describe(client, () => {
    test.use({ client })

    test('X5 CK-6 no form of thirteen kinds of foreign senders signs in, signs out or switches, at any route', async ({
      page,
      context,
      app,
      network,
    }) => {
      const { alice, carol } = network.accounts
      const parRequests = () => countRequests(network.pds[0], { path: '/oauth/par' })
      const revocations = () => countRequests(network.pds[0], { path: '/oauth/revoke' })
      await startSignedIn(page, carol, app)
      await startSignedIn(page, alice, app)
      const requests = [
        { action: 'login', fields: { identifier: carol.handle } },
        { action: 'switch', fields: { did: carol.did } },
        { action: 'logout', fields: { did: carol.did } },
        { action: 'logout', fields: { all: '1' } },
      ] as const
      const foreign = foreignSenders(app.origin)
      expect(foreign).toHaveLength(13)
      const before = [parRequests(), revocations()]
      for (const request of requests) {
        for (const [who, headers] of foreign) {
          const { status, headers: received } = await send(context, app, { ...request, headers })
          const what = `${request.action}: ${who}`
          expect([what, status, received['set-cookie'], received.location]).toEqual([
            ...[what, 403, undefined, undefined],
          ])
        }
      }
      expect([parRequests(), revocations()]).toEqual(before)
      await page.goto(app.origin)
      await expect(page.getByRole('heading', { level: 1, name: alice.displayName })).toBeVisible()

      // The same forms from a page of the app do all of it.
      for (const [who, headers] of ownSenders(app.origin)) {
        for (const { action, fields } of requests.slice(0, 2)) {
          const answer = await send(context, app, { action, fields, headers })
          expect([who, action, answer.status, answer.headers['set-cookie']?.length]).toEqual([
            ...[who, action, 303, 1],
          ])
        }
      }
      expect(parRequests()).toBeGreaterThan(before[0] ?? 0)
      const [, headers] = ownSenders(app.origin)[0] ?? ['', {}]
      expect((await send(context, app, { action: 'logout', fields: { all: '1' }, headers })).status).toBe(303)
      await expect.poll(revocations).toBeGreaterThan(before[1] ?? 0)
    })
  })
}
