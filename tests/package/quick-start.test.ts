/** The quick start of the README, followed word by word: its blocks are the application, its commands are run. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { BrowserContextOptions, Page } from '@playwright/test'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { generateKeys } from '../../lib/cli/keys.ts'
import { postsOnPds, submitHandle } from '../support/e2e/person.ts'
import { copyInstallation, createApp, reachLocalNetwork } from '../support/package/bare-app.ts'
import { newest } from '../support/package/matrix.ts'
import { runIn } from '../support/package/npm.ts'
import { codeOf, type ReadmeFile, readmeFiles, readmeNames } from '../support/package/readme.ts'
import { running, type Started, startDev } from '../support/package/start-app.ts'
import { expectPage, signInHere } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'

let world: World
let folder: string

beforeAll(async () => {
  world = await createWorld(inject('tarball'), inject('installation'))
  folder = join(world.folder, 'quick-start')
  // `npx create-next-app` and `npm install next-atproto-auth`, which is not on npm yet.
  await copyInstallation(await world.installed(newest), folder)
  await createApp(folder, newest)
})

afterAll(() => world[Symbol.asyncDispose]())

it('is made of the files that the README names', () => {
  expect(readmeFiles().map(({ path }) => path)).toEqual([
    'auth.ts',
    'app/oauth/[...atproto]/route.ts',
    'app/oauth-client-metadata.json/route.ts',
    'next.config.ts',
    'app/compose/page.tsx',
    'proxy.ts',
    'app/sign-in/page.tsx',
  ])
})

it('installs the package by the name that `npm pack` gives it', () => {
  expect(readmeNames(`/${basename(inject('tarball'))} `)).toBe(true)
})

it('signs in at the address it names, posts from its page and signs out', async () => {
  const { carol } = world.network.accounts
  const later = ['proxy.ts', 'app/sign-in/page.tsx']
  for (const file of readmeFiles().filter(({ path }) => !later.includes(path))) await write(file)
  // The one thing that no reader writes: the network is on this machine.
  await reachLocalNetwork(join(folder, 'auth.ts'))
  const page = await newPage()
  const { port } = world
  const env = { LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
  await running(startDev(folder, { port, env }), async (server) => {
    // LB-4: whoever types localhost comes to 127.0.0.1 before they sign in, from the sign-in page and from a page.
    for (const path of ['/oauth/login', '/compose']) {
      await page.goto(`http://localhost:${port}${path}`)
      await page.waitForURL(`http://127.0.0.1:${port}/oauth/login*`)
    }
    await page.goto(here('http://127.0.0.1:3000/oauth/login?returnTo=/compose'))
    await signInHere(page, carol)
    await page.waitForURL(`http://127.0.0.1:${port}/compose`)
    await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
    await page.getByRole('textbox', { name: 'Your post' }).fill('From the quick start')
    await page.getByRole('button', { name: 'Post', exact: true }).click()
    await expect.poll(() => postsOnPds(carol), { timeout: 30_000 }).toContain('From the quick start')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`http://127.0.0.1:${port}/`)
    expect(await leadsTo(server, '/compose')).toContain('/oauth/login?returnTo=%2Fcompose')
    expect(await leadsTo(server, '/account/devices')).toBe(null)
    expect(server.output()).not.toMatch(/⨯|Blocked cross-origin/)
  })
  // A page that stays open would look for its scripts on the next server.
  await page.close()
})

it('is guarded, and a confidential client under next dev with an https PUBLIC_URL, as behind a tunnel', async () => {
  const { bob } = world.network.accounts
  const origin = world.originOf({ client: 'confidential' })
  const page = await newPage({ ignoreHTTPSErrors: true })
  const env = {
    LOCAL_NETWORK: JSON.stringify(world.network.localNetwork),
    PUBLIC_URL: origin,
    ...parseEnv(await generateKeys()),
  }
  await write(fileOf('proxy.ts'))
  await running(startDev(folder, { port: world.port, env }), async (server) => {
    // Nothing but the guard knows of that page: there is none.
    expect(await leadsTo(server, '/account/devices')).toContain('/oauth/login?returnTo=%2Faccount%2Fdevices')
    const metadata = await (await fetch(`${server.url}/oauth-client-metadata.json`)).json()
    expect(metadata.client_id).toBe(`${origin}/oauth-client-metadata.json`)
    await page.goto(`${origin}/compose`)
    await signInHere(page, bob)
    await page.waitForURL(`${origin}/compose`)
    await expectPage(page.getByText(`Signed in as ${bob.did}`)).toBeVisible()
  })
  await page.close()
})

it('has a sign-in page of its own once both calls name it', async () => {
  const { carol } = world.network.accounts
  await write(fileOf('app/sign-in/page.tsx'))
  expect(readmeNames("name it as `signInPage: '/sign-in'` in both calls")).toBe(true)
  await nameSignInPage('auth.ts', 'createAtprotoAuth({')
  await nameSignInPage('proxy.ts', 'authProxy({')
  const page = await newPage()
  const { port } = world
  const env = { LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
  await running(startDev(folder, { port, env }), async (server) => {
    expect(await leadsTo(server, '/account/devices')).toContain('/sign-in?returnTo=%2Faccount%2Fdevices')
    await page.goto(`http://127.0.0.1:${port}/compose`)
    await page.waitForURL(`http://127.0.0.1:${port}/sign-in?returnTo=%2Fcompose`)
    await submitHandle(page, 'nobody.test')
    await expectPage(page.getByRole('alert').filter({ hasText: /\w/ })).toBeVisible()
    await signInHere(page, carol)
    await page.waitForURL(`http://127.0.0.1:${port}/compose`)
    await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
    expect(server.output()).not.toMatch(/⨯|Blocked cross-origin/)
  })
  await page.close()
})

it('has no type error', async () => {
  await runIn(folder, join(folder, 'node_modules/.bin/tsc'), ['--noEmit'])
})

it('is what the command writes', async () => {
  const made = join(world.folder, 'by-init')
  await copyInstallation(await world.installed(newest), made)
  await createApp(made, newest)
  const command = join(made, 'node_modules/.bin/next-atproto-auth')
  const protect = ['--protect', '/compose', '--protect', '/account/:path*']
  await runIn(made, command, ['init', '--yes', '--name', 'My App', ...protect])
  const pages = ['app/compose/page.tsx', 'app/sign-in/page.tsx']
  for (const { path, text } of readmeFiles().filter((file) => !pages.includes(file.path)))
    expect(codeOf(await readFile(join(made, path), 'utf8')), path).toBe(codeOf(text))
})

/** A page in a browser of its own, which waits while `next dev` compiles on a busy machine. */
async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await world.browser.newContext({ locale: 'en-US', ...options })).newPage()
  page.setDefaultTimeout(90_000)
  return page
}

function fileOf(path: string): ReadmeFile {
  const file = readmeFiles().find((candidate) => candidate.path === path)
  if (!file) throw new Error(`The README has no ${path}.`)
  return file
}

async function nameSignInPage(path: string, call: string): Promise<void> {
  const text = await readFile(join(folder, path), 'utf8')
  const changed = text.replace(call, `${call} signInPage: '/sign-in',`)
  if (changed === text) throw new Error(`${path} does not have the call ${call} as this test knows it.`)
  await writeFile(join(folder, path), changed)
}

async function write({ path, text }: ReadmeFile): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

/** An address of the README, at a port that is free. */
function here(address: string): string {
  if (!readmeNames(address)) throw new Error(`The README does not name ${address}.`)
  return address.replace('3000', String(world.port))
}

async function leadsTo({ url }: Started, path: string): Promise<string | null> {
  return (await fetch(url + path, { redirect: 'manual' })).headers.get('location')
}
