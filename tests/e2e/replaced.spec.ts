/** A browser holds one session of an account: signing in again ends the one before it, here and at its server. */

import { expect, test } from '../support/e2e/fixtures.ts'
import { refreshIn } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { countRequests } from '../support/network/hooks.ts'

test('RV-4 a sign-in with the same account revokes the session before it, whose cookie opens nothing any more', async ({
  page,
  context,
  app,
  network,
}) => {
  const { alice } = network.accounts
  const revocations = () => countRequests(network.pds[0], { path: '/oauth/revoke', status: 200 })
  await startSignedIn(page, alice, app)
  const cookies = await context.cookies(app.origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const before = revocations()
  await startSignedIn(page, alice, app)
  await expect.poll(revocations).toBe(before + 1)
  const response = await fetch(`${app.server.url}/compose`, { headers: { cookie }, redirect: 'manual' })
  // The shell, which is the same for everyone, is sent before the store is asked.
  expect(response.status).toBe(200)
  const text = await response.text()
  expect(refreshIn(text)).toBe('/sign-in?returnTo=%2Fcompose')
  expect(text).not.toContain(alice.did)
})
