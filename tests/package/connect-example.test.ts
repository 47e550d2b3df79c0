/** examples/connect with the packed package: users of Better Auth connect accounts, and a job posts for them. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectFine } from '../support/e2e/looks.ts'
import { postsOnPds, reachConsent } from '../support/e2e/person.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { endSessions, pauseAnswers, resumeAnswers } from '../support/network/hooks.ts'
import { build } from '../support/package/bare-app.ts'
import { exampleFile, makeExample } from '../support/package/example.ts'
import { newest } from '../support/package/matrix.ts'
import { running, type Started, startApp } from '../support/package/start-app.ts'
import { expectPage } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'

const CRON_SECRET = randomBytes(32).toString('base64url')
const nothing = { posted: 0, later: 0, ended: 0 }
let world: World
let folder: string

beforeAll(async () => {
  world = await createWorld(inject('tarball'), inject('installation'))
  folder = await makeExample('connect', world)
})

afterAll(() => world[Symbol.asyncDispose]())

describe('the example connect', () => {
  it('builds without a secret or a warning, and its settings are complete', async () => {
    const output = await build(newest, folder)
    expect(output.split('\n').filter((line) => /warn|⚠|can't resolve|error/i.test(line))).toEqual([])
    const settings = await readFile(join(folder, 'tsconfig.json'), 'utf8')
    expect(settings).toBe(await exampleFile('connect', 'tsconfig.json'))
  })

  it('connects an account, posts from a job without the browser, and disconnects', async () => {
    const { carol } = world.network.accounts
    const { page, context } = await newBrowser()
    await running(start(), async (server) => {
      await page.goto(server.url)
      await expectFine(page, 'the sign-in of connect')
      await signUp(page, 'ann@example.com')
      await expectFine(page, 'connect, signed in')
      await connect(page, 'nobody.test')
      await expectPage(page.getByText('No account was found under that name.')).toBeVisible()
      await expectPage(page.getByRole('textbox', { name: 'Handle' })).toHaveValue('nobody.test')

      await connect(page, carol.handle)
      await authorize(page, carol)
      await expectPage(page.getByRole('listitem')).toHaveText(`@${carol.handle} Disconnect`)
      await expectPage(page.getByText(`Connected @${carol.handle}`)).toBeVisible()
      const names = (await context.cookies()).map(({ name }) => name)
      // The connection that has just been made lets its callback be repeated for ten minutes.
      expect(names.filter((name) => name.includes('atproto') && !name.includes('-flow-'))).toEqual([])
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expectPage(page.getByRole('button', { name: 'Sign up' })).toBeVisible()

      expect(await runJob(server, 'From a job')).toEqual({ posted: 1, later: 0, ended: 0 })
      expect(await postsOnPds(carol)).toContain('From a job')
      expect((await postJob(server, 'Never', 'another secret')).status).toBe(401)

      await signIn(page, 'ann@example.com')
      await page.getByRole('button', { name: 'Disconnect' }).click()
      await expectPage(page.getByRole('listitem')).toHaveCount(0)
      expect(await runJob(server, 'Never')).toEqual(nothing)
      expect(await postsOnPds(carol)).not.toContain('Never')
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
    await context.close()
  })

  it('begins a connection, and shows why it cannot, without scripts', async () => {
    const { bob } = world.network.accounts
    const { page, context } = await newBrowser({ javaScriptEnabled: false })
    await running(start(), async (server) => {
      await page.goto(server.url)
      await signUp(page, 'dan@example.com')
      await connect(page, 'not a handle')
      await expectPage(page.getByText('That is not a handle.')).toBeVisible()
      await connect(page, bob.handle)
      await page.waitForURL('**/oauth/authorize?**')
    })
    await context.close()
  })

  it('connects nothing for a user who has changed while the browser was at the server', async () => {
    const { alice } = world.network.accounts
    const { page, context } = await newBrowser()
    await running(start(), async (server) => {
      await page.goto(server.url)
      await signUp(page, 'bea@example.com')
      await connect(page, alice.handle)
      await reachConsent(page, alice)
      const other = await context.newPage()
      await other.goto(server.url)
      await other.getByRole('button', { name: 'Sign out' }).click()
      await signUp(other, 'mallory@example.com')
      await page.getByRole('button', { name: 'Authorize', exact: true }).click()
      await expectPage(page.getByText('you are signed in as a different user here')).toBeVisible()
      await expectPage(page.getByText('Signed in as mallory@example.com')).toBeVisible()
      await expectPage(page.getByRole('listitem')).toHaveCount(0)
      expect(await runJob(server, 'Never')).toEqual(nothing)
    })
    await context.close()
  })

  it('keeps a connection under a wrong secret, makes one post of many tries, and asks to connect a lost one again', async () => {
    const { bob } = world.network.accounts
    const { page, context } = await newBrowser()
    const pds = world.network.pds.find(({ url }) => url === bob.pdsUrl) ?? world.network.pds[0]
    const item = page.getByRole('listitem')
    const [secret, other] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url'))
    await running(start({ ATPROTO_SECRET: secret }), async (server) => {
      await page.goto(server.url)
      await signUp(page, 'eve@example.com')
      // Twice: the second connection takes the place of the first.
      for (const times of [1, 2]) {
        await connect(page, bob.handle)
        await authorize(page, bob)
        await page.waitForURL(`${server.url}/?connected=1`)
        await expectPage(item, `connected ${times} times`).toHaveText(`@${bob.handle} Disconnect`)
      }
    })
    await running(start({ ATPROTO_SECRET: other }), async (server) => {
      expect(await runJob(server, 'Once')).toEqual({ ...nothing, later: 1 })
      expect(server.output()).toContain('The session is stored, but could not be opened')
    })
    await running(start({ ATPROTO_SECRET: secret }), async (server) => {
      pauseAnswers(pds, 'drop')
      const whileDown = await runJob(server).finally(() => resumeAnswers(pds))
      expect(whileDown).toEqual({ ...nothing, later: 1 })
      expect(await runJob(server)).toEqual({ ...nothing, posted: 1 })
      expect((await postsOnPds(bob)).filter((text) => text === 'Once')).toHaveLength(1)

      await endSessions(pds, bob.did)
      expect(await runJob(server, 'Lost')).toEqual({ ...nothing, ended: 1 })
      await page.goto(server.url)
      await signIn(page, 'eve@example.com')
      await expectPage(item).toHaveText(`@${bob.handle} has to be connected again. Disconnect`)
      await connect(page, bob.handle)
      await authorize(page, bob)
      await expectPage(item).toHaveText(`@${bob.handle} Disconnect`)
      expect(await runJob(server, 'Again')).toEqual({ ...nothing, posted: 1 })
    })
    await context.close()
  })
})

/** A browser of its own. */
async function newBrowser(options: { readonly javaScriptEnabled?: boolean } = {}) {
  const context = await world.browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US', ...options })
  return { context, page: await context.newPage() }
}

function start(settings: Readonly<Record<string, string | undefined>> = {}): Promise<Started> {
  const env = {
    PUBLIC_URL: world.originOf(newest),
    BETTER_AUTH_SECRET: randomBytes(32).toString('base64url'),
    CRON_SECRET,
    LOCAL_NETWORK: JSON.stringify(world.network.localNetwork),
    ...settings,
  }
  return startApp(newest, folder, { port: world.port, env })
}

async function fillIn(page: Page, email: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
  await page.getByLabel('Password').fill('correct horse battery')
}

async function signUp(page: Page, email: string): Promise<void> {
  await fillIn(page, email)
  await page.getByRole('button', { name: 'Sign up' }).click()
  await expectPage(page.getByText(`Signed in as ${email}`)).toBeVisible()
}

async function signIn(page: Page, email: string): Promise<void> {
  await fillIn(page, email)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expectPage(page.getByText(`Signed in as ${email}`)).toBeVisible()
}

async function connect(page: Page, handle: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Handle' }).fill(handle)
  await page.getByRole('button', { name: 'Connect Bluesky' }).click()
}

async function authorize(page: Page, account: LocalAccount): Promise<void> {
  await reachConsent(page, account)
  await page.getByRole('button', { name: 'Authorize', exact: true }).click()
}

function postJob({ url }: Started, text: string, secret = CRON_SECRET): Promise<Response> {
  return fetch(`${url}/job`, { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: text })
}

async function runJob(server: Started, text = ''): Promise<unknown> {
  return (await postJob(server, text)).json()
}
