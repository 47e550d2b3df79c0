/** The application with its sessions in a PostgreSQL: a whole walk, and what the table shows meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresSchema } from '../../lib/store/postgres/schema.ts'
import { type AppFiles, openAppRows, ownSecrets, secretsIn } from '../support/app-rows.ts'
import { expect, type RunningApp, test } from '../support/e2e/fixtures.ts'
import { openMenu, signIn } from '../support/e2e/person.ts'
import { startSignedIn } from '../support/e2e/signed-in.ts'
import { findLeaks } from '../support/leaks.ts'
import { startApp } from '../support/network/app-server.ts'
import { findFreePort } from '../support/network/free-port.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

/** The same build with another store; the table is made before, as by the application's own migrations. */
async function startOnPostgres(
  stack: AsyncDisposableStack,
  env: Readonly<Record<string, string>>,
): Promise<RunningApp & { readonly postgres: PostgresServer }> {
  const postgres = await startPostgres()
  stack.defer(() => postgres.stop())
  await postgres.query(postgresSchema())
  const folder = await mkdtemp(join(tmpdir(), 'atproto-e2e-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const all = { ...env, PUBLIC_URL: origin, ATPROTO_DATA_DIR: folder, ATPROTO_DATABASE_URL: postgres.url }
  const server = await startApp({ port, env: all })
  stack.defer(() => server.stop())
  return { origin, database: join(folder, 'sessions.sqlite'), server, env, postgres }
}

test('CK-1 signs in, posts, switches and signs out everywhere on PostgreSQL, whose table shows no secret and no account', async ({
  page,
  network,
  appView,
}) => {
  await using stack = new AsyncDisposableStack()
  const env = { DEMO_NETWORK: JSON.stringify(network.localNetwork), APPVIEW: appView.service }
  const app = await startOnPostgres(stack, env)
  const { alice, bob } = network.accounts
  const files: AppFiles = { database: app.database, env, url: app.server.url }
  const rows = () => app.postgres.query('SELECT * FROM atproto_auth')
  const sessions = async () =>
    Number((await app.postgres.query('SELECT count(*) FROM atproto_auth_sessions'))[0]?.count)
  const texts: { where: string; text: string }[] = []
  const secrets = new Set<string>()
  const look = async (where: string) => {
    const found = await rows()
    texts.push({ where, text: JSON.stringify(found) })
    const entries = found.filter(({ kind }) => kind === 'value').map(({ key, value }) => ({ key, value }))
    for (const secret of secretsIn(await openAppRows(files, entries))) secrets.add(secret)
  }

  await signIn(page, alice, app)
  await look('the table, after a sign-in')
  await startSignedIn(page, bob, app)
  expect(await sessions()).toBe(2)
  await openMenu(page)
  await page.getByRole('button', { name: `Switch to ${alice.displayName}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: alice.displayName })).toBeVisible()
  await page.goto(`${app.origin}/compose`)
  await page.getByRole('textbox', { name: 'Your post' }).fill('Kept in PostgreSQL')
  await page.getByRole('button', { name: 'Post', exact: true }).click()
  await expect(page.getByText('Kept in PostgreSQL', { exact: true })).toBeVisible()
  await look('the table, after a post')

  await page.goto(`${app.origin}/devices?everywhere=ask`)
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { level: 1, name: bob.displayName })).toBeVisible()
  expect(await sessions()).toBe(1)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  expect(await sessions()).toBe(0)
  await look('the table, after the sign-outs')

  // Two DPoP keys and two pairs of tokens.
  expect(secrets.size).toBeGreaterThanOrEqual(6)
  const people = [alice, bob].flatMap(({ did, handle }) => [did, handle])
  expect(findLeaks(texts, ['session:'])).not.toEqual([])
  expect(findLeaks(texts, [...secrets, ...ownSecrets(files), ...people])).toEqual([])
  expect(
    findLeaks([{ where: 'the log', text: app.server.output() }], [...secrets, app.postgres.url]),
  ).toEqual([])
})
