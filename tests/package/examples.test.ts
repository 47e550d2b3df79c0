/** The applications of examples/ with the packed package: built, and used by a person in Chromium. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectFine } from '../support/e2e/looks.ts'
import { postsOnPds, reachConsent } from '../support/e2e/person.ts'
import type { LocalAccount } from '../support/network/accounts.ts'
import { countRefreshes } from '../support/network/hooks.ts'
import { build } from '../support/package/bare-app.ts'
import { readmeFiles } from '../support/package/documented-files.ts'
import {
  configure,
  type ExampleName,
  exampleFile,
  makeExample,
  runScript,
} from '../support/package/example.ts'
import { newest } from '../support/package/matrix.ts'
import { codeOf } from '../support/package/readme.ts'
import { running, type Started, startApp } from '../support/package/start-app.ts'
import {
  makePrivateKey,
  signInToTutorial,
  tutorialSessions,
  writeTutorialFile,
} from '../support/package/tutorial-rows.ts'
import { expectPage, signInHere } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'

const SECRET = randomBytes(32).toString('base64url')
let world: World
const folders = new Map<ExampleName, string>()

beforeAll(async () => {
  world = await createWorld(inject('tarball'), inject('installation'))
})

afterAll(() => world[Symbol.asyncDispose]())

describe.each(['minimal', 'tutorial'] as const)('the example %s', (name) => {
  it('builds without a secret or a warning, and its settings are complete', async () => {
    folders.set(name, await makeExample(name, world))
    const output = await build(newest, folderOf(name))
    expect(output.split('\n').filter((line) => /warn|⚠|can't resolve|error/i.test(line))).toEqual([])
    // What is missing there, Next.js would add.
    const settings = await readFile(join(folderOf(name), 'tsconfig.json'), 'utf8')
    expect(settings).toBe(await exampleFile(name, 'tsconfig.json'))
  })

  it('names every package it needs', async () => {
    const { dependencies, devDependencies } = JSON.parse(await exampleFile(name, 'package.json'))
    const { 'next-atproto-auth': own, ...others } = dependencies
    expect(own).toBe('latest')
    const installed = JSON.parse(await readFile(join(await world.installed(newest), 'package.json'), 'utf8'))
    expect(Object.keys({ ...others, ...devDependencies }).sort()).toEqual(
      Object.keys({ ...installed.dependencies, ...installed.devDependencies })
        .filter((wanted) => wanted !== 'next-atproto-auth')
        .sort(),
    )
  })
})

describe('the example minimal', () => {
  it('has the files of the README', async () => {
    const same = ['auth.ts', 'app/oauth/[...atproto]/route.ts', 'app/oauth-client-metadata.json/route.ts']
    for (const { path, text } of readmeFiles().filter((file) => same.includes(file.path)))
      expect(codeOf(await exampleFile('minimal', path)), path).toBe(codeOf(text))
  })

  it('is guarded, signs in, posts and signs out', async () => {
    const { carol } = world.network.accounts
    const origin = world.originOf(newest)
    const env = { PUBLIC_URL: origin, ATPROTO_DATA_DIR: join(folderOf('minimal'), 'data') }
    await using page = await newPage()
    await running(start('minimal', { ...env, ...reaching() }), async (server) => {
      await page.goto(origin)
      await expectFine(page, 'the sign-in page of minimal')
      await signInHere(page, carol)
      await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
      await expectFine(page, 'minimal, signed in')
      await page.getByRole('textbox', { name: 'Your post' }).fill('From the smallest app')
      await page.getByRole('button', { name: 'Post', exact: true }).click()
      await expectPage(page.getByText('Posted')).toBeVisible()
      expect(await postsOnPds(carol)).toContain('From the smallest app')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expectPage(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
  })
})

describe('the example tutorial', () => {
  let key: string
  beforeAll(async () => {
    key = await makePrivateKey()
    await configureTutorial(key)
  })

  it('shows a sign-in that cannot begin, signs in and signs out', async () => {
    const { carol } = world.network.accounts
    const origin = world.originOf({ client: 'confidential' })
    await using page = await newPage()
    await running(start('tutorial'), async (server) => {
      await page.goto(origin)
      await login(page, 'not a handle')
      await expectPage(page.getByText('That is not a handle.')).toBeVisible()
      await expectFine(page, 'the sign-in page of tutorial')
      await login(page, carol.handle)
      await reachConsent(page, carol)
      await page.getByRole('button', { name: 'Authorize', exact: true }).click()
      await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
      await expectPage(page.getByText('Authentication working!')).toBeVisible()
      await expectFine(page, 'tutorial, signed in')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await expectPage(page.getByRole('textbox', { name: 'Handle or DID' })).toBeVisible()
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
  })

  it('goes on with the sessions of the official tutorial, once its script has moved them', async () => {
    const { alice } = world.network.accounts
    const [pds] = world.network.pds
    await running(start('tutorial'), async (server) => {
      const row = await signInToTutorial(world, alice, key)
      writeTutorialFile(folderOf('tutorial'), { [alice.did]: row, 'did:plc:somebody': '{}' })
      const left = /Left the session of did:plc:somebody: This is not a session of the official Node client/
      await expect(importSessions()).rejects.toThrow(left)
      expect(tutorialSessions(folderOf('tutorial'))).toEqual(['did:plc:somebody'])
      const before = countRefreshes(pds)
      expect(await runJob(server, alice)).toContain('/com.example.record/')
      expect(countRefreshes(pds)).toBe(before + 1)
    })
  })

  it('C1 CK-2: takes no forged `did` cookie for somebody, and lets it sign nobody out', async () => {
    const { alice } = world.network.accounts
    await running(start('tutorial'), async (server) => {
      const forged = { headers: { cookie: `did=${alice.did}` } }
      expect(await (await fetch(server.url, forged)).text()).toContain('Login to the Atmosphere')
      await fetch(`${server.url}/oauth/logout`, { ...forged, method: 'POST', redirect: 'manual' })
      expect(await runJob(server, alice)).toContain('/com.example.record/')
    })
  })
})

/** What a job that restores the account's session from the store wrote: the record's address. */
async function runJob({ url }: Started, { did }: LocalAccount): Promise<string> {
  return (await (await fetch(`${url}/job`, { method: 'POST', body: did })).json()).uri
}

function importSessions(): Promise<string> {
  return runScript(folderOf('tutorial'), 'import-sessions')
}

function folderOf(name: ExampleName): string {
  return folders.get(name) ?? ''
}

function reaching() {
  return { LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
}

/** As its README says: the environment of the old app, under the names of this one. */
function configureTutorial(privateKey: string): Promise<void> {
  return configure(folderOf('tutorial'), {
    PUBLIC_URL: world.originOf({ client: 'confidential' }),
    ATPROTO_SECRET: SECRET,
    ATPROTO_CLIENT_KEYS: privateKey,
    ...reaching(),
  })
}

function start(name: ExampleName, env: Readonly<Record<string, string>> = {}): Promise<Started> {
  return startApp(newest, folderOf(name), { port: world.port, env })
}

async function login(page: Page, handle: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Handle or DID' }).fill(handle)
  await page.getByRole('button', { name: 'Login to the Atmosphere' }).click()
}

/** A page in a browser of its own. */
async function newPage(): Promise<Page> {
  return (await world.browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' })).newPage()
}
