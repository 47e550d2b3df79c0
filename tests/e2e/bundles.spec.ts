/**
 * Next makes an instance of each module for each page and route bundle, while store and refreshes are shared: an
 * error that one bundle's code throws reaches another bundle's code, which has to know it.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '../support/e2e/fixtures.ts'
import { ask } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { countRequests, pauseAnswers, resumeAnswers, setTokenLifetime } from '../support/network/hooks.ts'

const LIFETIME_MS = 2_000
/** Each is another chance for two bundles to meet. */
const ROUNDS = process.env.LONG === '1' ? 3 : 1

for (const path of ['/', '/avatar']) {
  test(`a store that fails for a second after a refresh loses no session, asked through ${path}`, async ({
    page,
    context,
    app,
    network,
  }) => {
    setTokenLifetime(network.pds[0], LIFETIME_MS)
    await startSignedIn(page, network.accounts.alice, app)
    await sleep(LIFETIME_MS)
    using database = new DatabaseSync(app.database)
    database.exec('PRAGMA busy_timeout = 5000')
    // The first write, of the intent, goes through: without it nothing is sent.
    database.exec(`CREATE TRIGGER fault BEFORE UPDATE ON entry WHEN OLD.generation % 2 = 0
      BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
    const answer = ask(context, app, path)
    await expect
      .poll(() =>
        countRequests(network.pds[0], { path: '/oauth/token', grantType: 'refresh_token', status: 200 }),
      )
      .toBeGreaterThan(0)
    await sleep(800)
    database.exec('DROP TRIGGER fault')
    expect((await answer).status).toBe(200)
    await sleep(LIFETIME_MS)
    expect(await (await ask(context, app, '/')).text()).toContain(network.accounts.alice.displayName)
  })
}

test('a refresh that fails under a page and a route at once is told on the page, and nobody is signed out', async ({
  page,
  context,
  app,
  network,
}) => {
  const { alice } = network.accounts
  setTokenLifetime(network.pds[0], LIFETIME_MS)
  await startSignedIn(page, alice, app)
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(LIFETIME_MS)
    pauseAnswers(network.pds[0])
    const [home, avatar] = await Promise.all(['/', '/avatar'].map((path) => ask(context, app, path)))
    expect([home?.status, await home?.text()]).toEqual([200, expect.stringContaining('did not answer')])
    expect(avatar?.status).not.toBe(500)
    resumeAnswers(network.pds[0])
    expect(await (await ask(context, app, '/')).text()).toContain(alice.displayName)
  }
})
