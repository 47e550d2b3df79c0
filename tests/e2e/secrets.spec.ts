/** A whole walk, with what goes wrong on the way; then everything that the browser and the log got is searched. */

import { type AppFiles, ownSecrets, readAppRows, secretsIn } from '../support/app-rows.ts'
import { expect, type Page, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { ask, reachConsent, type signIn, submitHandle } from '../support/e2e/person.ts'
import { findLeaks, type Recording, recordBrowser } from '../support/leaks.ts'
import { pauseAnswers, resumeAnswers, setTokenLifetime } from '../support/network/hooks.ts'

const LIFETIME_MS = 3_000

const filesOf = ({ database, env, server }: RunningApp): AppFiles => ({ database, env, url: server.url })

/** Begins a sign-in, reads its row while the person is at the server, and comes back. */
async function signInWatched(page: Page, app: RunningApp, account: Parameters<typeof signIn>[1]) {
  await page.goto(`${app.origin}/sign-in`)
  await submitHandle(page, account.handle)
  await reachConsent(page, account)
  const underWay = secretsIn(await readAppRows(filesOf(app)))
  const called = page.waitForRequest(`${app.origin}/oauth/callback**`)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
  const callback = new URL((await called).url())
  await page.waitForURL(`${app.origin}/`)
  return { underWay, callback }
}

const flight = { rsc: '1' }
const ahead = { ...flight, 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' }

/** Flight data as the router asks for it, also ahead of a click. */
async function readFlight(recording: Recording, page: Page, app: RunningApp): Promise<void> {
  for (const path of ['/', '/compose', '/sign-in']) {
    for (const headers of [flight, ahead]) {
      const answer = await ask(page.context(), app, path, { headers })
      expect(answer.headers.get('content-type')).toContain('text/x-component')
      recording.add(`flight data of ${path}`, await answer.text())
    }
  }
}

for (const client of ['loopback', 'confidential'] as const) {
  test.describe(client, () => {
    test.use({ client })

    test('CK-1 CK-10: no token, key, verifier, code or cookie is in anything that the browser or the log gets', async ({
      page,
      context,
      app,
      network,
    }) => {
      const [pds] = network.pds
      const text = `Nothing to hide from a ${client} client`
      const { carol } = network.accounts
      setTokenLifetime(pds, LIFETIME_MS)
      const recording = recordBrowser(context, app.origin)
      const { underWay, callback } = await signInWatched(page, app, carol)
      const seen = async () => secretsIn(await readAppRows(filesOf(app)))
      const secrets = new Set([...underWay, ...(await seen())])

      await page.goto(`${app.origin}/compose`)
      await page.getByRole('textbox', { name: 'Your post' }).fill(text)
      await page.getByRole('button', { name: 'Post', exact: true }).click()
      await expect(page.getByText(text, { exact: true })).toBeVisible()
      await readFlight(recording, page, app)

      // Tokens that are renewed, tokens that cannot be, and a callback that is replayed.
      await page.waitForTimeout(LIFETIME_MS)
      await page.goto(app.origin)
      for (const secret of await seen()) secrets.add(secret)
      await page.waitForTimeout(LIFETIME_MS)
      pauseAnswers(pds)
      await page.goto(app.origin)
      await expect(page.getByRole('main')).toContainText('did not answer')
      resumeAnswers(pds)
      await page.goto(callback.href)
      await page.goto(`${app.origin}/oauth/callback?error=server_error&error_description=x&state=y&iss=z`)
      await page.goto(app.origin)
      await expect(page.getByRole('heading', { level: 1, name: carol.displayName })).toBeVisible()
      for (const secret of await seen()) secrets.add(secret)
      const [cookie] = (await context.cookies(app.origin)).filter(({ name }) => name.includes('session'))
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
      await recording.settle()
      setTokenLifetime(pds, 3_600_000)

      // At least: verifier, DPoP key, and two pairs of tokens.
      expect(secrets.size).toBeGreaterThanOrEqual(6)
      const all = [...secrets, ...ownSecrets(filesOf(app))]
      // The search would find what is there.
      expect(findLeaks(recording.texts, [carol.did, carol.displayName]).length).toBeGreaterThan(5)
      expect(findLeaks(recording.texts, all)).toEqual([])

      const log = app.server.output()
      expect(log).toContain('[next-atproto-auth]')
      const { searchParams } = callback
      const more = [searchParams.get('code') ?? '', searchParams.get('state') ?? '', cookie?.value ?? '']
      expect(more.every((text) => text.length > 20)).toBe(true)
      expect(findLeaks([{ where: 'the log', text: log }], [...all, ...more])).toEqual([])
      // Neither proofs nor assertions, nor seals of any kind.
      expect(log).not.toMatch(/eyJ[\w-]{10,}|Fe26\.2|urn:ietf:params:oauth:request_uri/)
    })
  })
}
