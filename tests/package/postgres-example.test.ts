/** examples/postgres with the packed package: users and sessions in one database, and the sessions ended by SQL. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectFine } from '../support/e2e/looks.ts'
import { build } from '../support/package/bare-app.ts'
import { configure, exampleFile, makeExample, runScript } from '../support/package/example.ts'
import { newest } from '../support/package/matrix.ts'
import { running, type Started, startApp } from '../support/package/start-app.ts'
import { expectPage, signInHere } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

const SECRET = randomBytes(32).toString('base64url')
let world: World
let postgres: PostgresServer
let folder: string

beforeAll(async () => {
  postgres = await startPostgres()
  world = await createWorld(inject('tarball'), inject('installation'))
  folder = await makeExample('postgres', world)
  await configure(folder, { DATABASE_URL: postgres.url })
})

afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await postgres?.stop()
})

describe('the example postgres', () => {
  it('builds without a database, a secret or a warning, and its settings are complete', async () => {
    const output = await build(newest, folder)
    expect(output.split('\n').filter((line) => /warn|⚠|can't resolve|error/i.test(line))).toEqual([])
    const settings = await readFile(join(folder, 'tsconfig.json'), 'utf8')
    expect(settings).toBe(await exampleFile('postgres', 'tsconfig.json'))
  })

  it('makes its tables, twice without harm', async () => {
    for (let run = 0; run < 2; run += 1)
      expect(await runScript(folder, 'migrate')).toContain('The tables are there.')
  })

  it('counts the sessions of a user and ends them by SQL, and nothing else of the database', async () => {
    const { alice, bob } = world.network.accounts
    const [first, second, other] = [await newPage(), await newPage(), await newPage()]
    await running(start(), async (server) => {
      for (const page of [first, second]) {
        await page.goto(server.url)
        await signInHere(page, alice)
        await expectPage(page.getByText(`Signed in as ${alice.did}`)).toBeVisible()
      }
      await other.goto(server.url)
      await signInHere(other, bob)
      await expectPage(other.getByText('in 1 browser.')).toBeVisible()
      await expectPage(second.getByText('in 2 browsers.')).toBeVisible()
      await expectFine(second, 'the example postgres, signed in')

      await second.getByRole('button', { name: 'Sign out everywhere' }).click()
      await expectPage(second.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
      await first.goto(server.url)
      await expectPage(first.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
      await other.reload()
      await expectPage(other.getByText('in 1 browser.')).toBeVisible()

      await other.getByRole('button', { name: 'Delete my account' }).click()
      await expectPage(other.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
      expect(await postgres.query('SELECT did FROM users')).toEqual([{ did: alice.did }])
      expect(await postgres.query('SELECT session FROM atproto_auth_sessions')).toEqual([])
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
    // What a look into the database shows of the accounts is what the application itself has put there.
    const rows = JSON.stringify(await postgres.query('SELECT * FROM atproto_auth'))
    for (const text of [alice.did, bob.did, alice.handle, bob.handle]) expect(rows).not.toContain(text)
  })
})

async function newPage(): Promise<Page> {
  const context = await world.browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' })
  return context.newPage()
}

function start(): Promise<Started> {
  const env = {
    PUBLIC_URL: world.originOf(newest),
    ATPROTO_SECRET: SECRET,
    LOCAL_NETWORK: JSON.stringify(world.network.localNetwork),
  }
  return startApp(newest, folder, { port: world.port, env })
}
