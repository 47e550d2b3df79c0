/** Tokens that end while pages are rendered: the app renews them once and nobody notices. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '../support/e2e/fixtures.ts'
import { ask } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { countRequests, setTokenLifetime } from '../support/network/hooks.ts'

const LIFETIME_MS = 3_000
/** Each is another chance for two pages to meet. */
const ROUNDS = process.env.LONG === '1' ? 3 : 2

test('two pages rendered at once with an expired token renew it once', async ({
  page,
  context,
  app,
  network,
}) => {
  const [pds] = network.pds
  setTokenLifetime(pds, LIFETIME_MS)
  await startSignedIn(page, network.accounts.alice, app)
  const refreshes = () =>
    countRequests(pds, { path: '/oauth/token', grantType: 'refresh_token', status: 200 })
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(LIFETIME_MS + 200)
    const before = refreshes()
    // A page and a route handler: their bundles have module instances of their own.
    const answers = await Promise.all(['/', '/', '/avatar', '/avatar'].map((path) => ask(context, app, path)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    expect(await answers[0]?.text()).toContain(network.accounts.alice.displayName)
    expect(refreshes() - before).toBe(1)
  }
})
