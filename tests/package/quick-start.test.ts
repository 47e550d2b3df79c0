/** The quick start of the README, followed word by word in an application that create-next-app has made. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { generateKeys } from '../../lib/cli/keys.ts'
import { submitHandle } from '../support/e2e/person.ts'
import { copyInstallation, createApp, reachLocalNetwork } from '../support/package/bare-app.ts'
import { createNewApp, versionsIn } from '../support/package/created-app.ts'
import { readmeFiles, writeFiles } from '../support/package/documented-files.ts'
import { newest } from '../support/package/matrix.ts'
import { runIn } from '../support/package/npm.ts'
import { allowLoopback, nameSignInPage, openPage, withSignInPage } from '../support/package/quick-start.ts'
import { codeOf, readmeNames } from '../support/package/readme.ts'
import { running, type Started, startDev } from '../support/package/start-app.ts'
import { expectPage, postFromCompose, signInHere } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'
import { tryDocumentedFiles } from './documented-files.ts'
import { tryLintRule } from './lint-rule.ts'

let world: World
let folder: string
let versions = 'create-next-app failed'

beforeAll(async () => {
  world = await createWorld(inject('tarball'), inject('installation'))
  folder = join(world.folder, 'quick-start')
  const creator = process.env.PACKAGE_MATRIX === 'long' ? 'latest' : 'pinned'
  await createNewApp(folder, { creator, tarball: inject('tarball') })
  versions = await versionsIn(folder)
})

beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(`In a new application of ${versions}`)))

afterAll(() => world[Symbol.asyncDispose]())

it('is made of the files that the README names', () => {
  expect(readmeFiles().map(({ path }) => path)).toEqual([
    'auth.ts',
    'app/oauth/[...atproto]/route.ts',
    'app/oauth-client-metadata.json/route.ts',
    'app/compose/page.tsx',
    'proxy.ts',
    'app/sign-in/page.tsx',
  ])
})

it('installs the package by the name that `npm pack` gives it, from a place that `npm ci` finds on any machine', async () => {
  const tarball = `./vendor/${basename(inject('tarball'))}`
  expect(readmeNames(`npm install ${tarball}\n`)).toBe(true)
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  expect(dependencies['next-atproto-auth']).toBe(tarball.replace('./', 'file:'))
  const { packages } = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8'))
  expect(packages['node_modules/next-atproto-auth'].resolved).toBe(tarball.replace('./', 'file:'))
})

it('signs in at the address it names, posts from its page and signs out', async () => {
  const { carol } = world.network.accounts
  await writeReadme((path) => !later.includes(path))
  await allowLoopback(folder)
  // The one thing that no reader writes: the network is on this machine.
  await reachLocalNetwork(join(folder, 'auth.ts'))
  const page = await openPage(world.browser)
  const { port } = world
  await running(startDev(folder, { port, env: reaching() }), async (server) => {
    // LB-4: whoever types localhost comes to 127.0.0.1 before they sign in, from the sign-in page and from a page.
    for (const path of ['/oauth/login', '/compose']) {
      await page.goto(`http://localhost:${port}${path}`)
      await page.waitForURL(`http://127.0.0.1:${port}/oauth/login*`)
    }
    await page.goto(here('http://127.0.0.1:3000/oauth/login?returnTo=/compose'))
    await signInHere(page, carol)
    await page.waitForURL(`http://127.0.0.1:${port}/compose`)
    await expectPage(page.getByText(`Signed in as ${carol.did}`)).toBeVisible()
    await postFromCompose(page, carol, 'From the quick start')
    await expectPage(page.getByText('Posted', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`http://127.0.0.1:${port}/`)
    // C12: the page has begun when it finds nobody, so the browser has to leave it by itself.
    const answer = await fetch(`${server.url}/compose`, { redirect: 'manual' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toMatch(
      /http-equiv="refresh" content="1;url=\/oauth\/login\?returnTo=%2Fcompose"/,
    )
    expect(await leadsTo(server, '/account/devices')).toBe(null)
    expect(server.output()).not.toMatch(/⨯|Blocked cross-origin/)
  })
  // A page that stays open would look for its scripts on the next server.
  await page.close()
})

it('is guarded, and a confidential client under next dev with an https PUBLIC_URL, as behind a tunnel', async () => {
  const { bob } = world.network.accounts
  const origin = world.originOf({ client: 'confidential' })
  const page = await openPage(world.browser, { ignoreHTTPSErrors: true })
  const env = { ...reaching(), PUBLIC_URL: origin, ...parseEnv(await generateKeys()) }
  await writeReadme((path) => path === 'proxy.ts')
  await running(startDev(folder, { port: world.port, env }), async (server) => {
    // Nothing but the guard knows of that page: there is none.
    for (const path of ['/account/devices', '/compose'])
      expect(await leadsTo(server, path)).toContain(`/oauth/login?returnTo=${encodeURIComponent(path)}`)
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
  await writeReadme((path) => path === 'app/sign-in/page.tsx')
  await nameSignInPage(folder)
  const page = await openPage(world.browser)
  const { port } = world
  await running(startDev(folder, { port, env: reaching() }), async (server) => {
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

tryLintRule(() => ({ folder }))

tryDocumentedFiles(() => ({ world, folder }))

it('is what the command writes', async () => {
  const made = join(world.folder, 'by-init')
  await copyInstallation(await world.installed(newest), made)
  await createApp(made, newest)
  const command = join(made, 'node_modules/.bin/next-atproto-auth')
  await runIn(made, command, ['init', '--yes', '--name', 'My App', '--pages'])
  for (const { path, text } of readmeFiles())
    expect(codeOf(await readFile(join(made, path), 'utf8')), path).toBe(codeOf(withSignInPage(text)))
})

const later: readonly string[] = ['proxy.ts', 'app/sign-in/page.tsx']

function writeReadme(isWanted: (path: string) => boolean): Promise<void> {
  return writeFiles(
    folder,
    readmeFiles().filter(({ path }) => isWanted(path)),
  )
}

function reaching() {
  return { LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
}

/** An address of the README, at a port that is free. */
function here(address: string): string {
  if (!readmeNames(address)) throw new Error(`The README does not name ${address}.`)
  return address.replace('3000', String(world.port))
}

async function leadsTo({ url }: Started, path: string): Promise<string | null> {
  return (await fetch(url + path, { redirect: 'manual' })).headers.get('location')
}
