/** The packed package in bare applications: `init`, a build without secrets, and a person who uses it in Chromium. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Page } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { forgetJwks } from '../support/network/hooks.ts'
import { build, makeApp } from '../support/package/bare-app.ts'
import { refusals, visitCaches, visitCorners } from '../support/package/corners.ts'
import { followDockerfile, type Image } from '../support/package/dockerfile.ts'
import { type BareApp, matrix } from '../support/package/matrix.ts'
import { runIn } from '../support/package/npm.ts'
import { running, type Started, startApp, startImage, visiting } from '../support/package/start-app.ts'
import { expectPage, post, postFromCompose, signIn, signOut } from '../support/package/visitor.ts'
import { createWorld, type World } from '../support/package/world.ts'
import { createRawSender, type RawRequest } from '../support/raw-sender.ts'
import { readingForms, requestForms } from '../support/request-forms.ts'
import { secretWords, secretWordsIn } from '../support/secret-words.ts'

const broken = join(import.meta.dirname, 'broken')
/** Of Next 16 on every middleware.ts: those who keep the name know. And on the machine: npm's settings, a busy disk. */
const remarks = /file convention is deprecated|^npm warn|Slow filesystem detected/
/** On a page that has no check of its own. */
const BEHIND_GUARD = 'Only the guard is before this text'
/** What `ATPROTO_DATA_DIR=./kept` would leave in the application's folder. */
const dataFiles = ['secret', 'sessions.sqlite', '.gitignore']
let world: World

interface Visited {
  readonly server: Started
  /** In a browser that is signed in there. */
  readonly page: Page
}

beforeAll(async () => {
  world = await createWorld(inject('tarball'), inject('installation'))
})

afterAll(() => world[Symbol.asyncDispose]())

describe.each(matrix)('$name', (app) => {
  const place = () => join(world.folder, app.name.replaceAll(/[^a-z0-9]+/gi, '-'))
  let image: Image | undefined
  const visits = new AsyncDisposableStack()
  let visited: Visited | undefined
  afterAll(() => visits.disposeAsync())
  const signedIn = () => {
    if (!visited) throw new Error('The sign-in before it failed.')
    return visited
  }

  it('is made, and builds without a secret, a warning, `redis` or `@vercel/kv`', async () => {
    await makeApp(app, place(), await world.installed(app))
    await mkdir(join(place(), 'kept'))
    for (const name of dataFiles) await writeFile(join(place(), 'kept', name), 'of a data folder')
    for (const name of ['redis', 'pg', '@vercel/kv', '@upstash/redis'])
      expect(existsSync(join(place(), 'node_modules', name)), name).toBe(false)
    if (app.output === 'Dockerfile') image = await followDockerfile(place())
    const output = image?.output ?? (await build(app, place()))
    const lines = output.split('\n').filter((line) => !remarks.test(line))
    expect(lines.filter((line) => /warn|⚠|can't resolve|not found:|error/i.test(line))).toEqual([])
  })

  it('X9: takes no secret and no session of a data folder along in its build', () => {
    const build = join(image ? image.folder : place(), '.next')
    const names = readdirSync(build, { recursive: true, encoding: 'utf8' })
    const traces = names.filter((name) => name.endsWith('.nft.json'))
    expect(traces.length).toBeGreaterThan(0)
    const traced = traces.filter((name) => {
      const { files }: { readonly files: readonly string[] } = JSON.parse(
        readFileSync(join(build, name), 'utf8'),
      )
      return files.some((file) => dataFiles.some((one) => file.endsWith(`/kept/${one}`)))
    })
    expect(traced).toEqual([])
    expect(names.filter((name) => dataFiles.some((one) => name.endsWith(`/kept/${one}`)))).toEqual([])
  })

  it('X9: has no code in its scripts for browsers that handles keys, tokens or seals', () => {
    const build = join(image ? image.folder : place(), '.next')
    expect(secretWordsIn(join(build, 'static'))).toEqual([])
    expect(secretWordsIn(join(build, 'server'))).toEqual(secretWords)
  })

  it('has nothing wrong with it that doctor would find in development', async () => {
    const command = join(place(), 'node_modules/.bin/next-atproto-auth')
    const printed = await runIn(place(), command, ['doctor', '--mode', 'development', '--offline', '--json'])
    const { findings } = JSON.parse(printed)
    expect(findings.filter(({ level }: { level: string }) => level === 'warn' || level === 'fail')).toEqual(
      [],
    )
  })

  it('signs in, posts by a server action and guards its page', async () => {
    const { carol } = world.network.accounts
    const origin = world.originOf(app)
    const server = visits.use(await start(app, place(), image))
    const page = visits.use(await newPage())
    await visiting(server, async () => {
      await expectGuard(server, origin)
      await signIn(page, carol, `${origin}/account`)
      await post(page, carol, app.name)
      await page.goto(`${origin}/compose`)
      await postFromCompose(page, carol, `${app.name}, from the compose page`)
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
    visited = { server, page }
  })

  it('X1: lets no form of a request past its guard, or to what the page itself guards', async () => {
    const { server, page } = signedIn()
    await page.goto(`${world.originOf(app)}/account/plain`)
    await expectPage(page.getByText(BEHIND_GUARD)).toBeVisible()
    await visiting(server, async () => {
      await expectNoBypass(server, world.network.accounts.carol.did)
      expect(server.output()).not.toMatch(/⨯|Error:/)
    })
  })

  it.runIf(app.corners)(
    'X8: knows its visitor wherever Next.js can, and caches nobody for others',
    async () => {
      const { did } = world.network.accounts.carol
      const origin = world.originOf(app)
      const { server, page } = signedIn()
      await visiting(server, async () => {
        await visitCorners(page, { origin, server, did })
        expect(server.output()).not.toMatch(/⨯|Error:/)
        await visitCaches(page, app, { origin, server, did })
      })
    },
  )

  it('knows its visitor in another process with the same data, as when a container is replaced, and signs out', async () => {
    const { server, page } = signedIn()
    await server[Symbol.asyncDispose]()
    await running(start(app, place(), image), async ({ url }) => {
      await signOut(page, world.network.accounts.carol, world.originOf(app))
      expect(await (await fetch(`${url}/robots.txt`)).text()).toContain('User-agent')
    })
    if (image?.userId === undefined) return
    const { uid } = await stat(join(image.environment.ATPROTO_DATA_DIR ?? '', 'sessions.sqlite'))
    expect(uid).toBe(image.userId)
  })

  it.runIf(app.cacheComponents)('X8: does not build a page that is cached with a session in it', async () => {
    await expect(buildWith('cached')).rejects.toThrow(refusals.useCache)
  })

  it.runIf(app.breaks)(
    'X9: does not build a page whose script for browsers imports the server’s part',
    async () => {
      await expect(buildWith('client')).rejects.toThrow(/server-only|only works in a Server Component/)
    },
  )

  async function buildWith(page: string): Promise<string> {
    const folder = image?.buildFolder ?? place()
    const target = join(folder, app.srcDir ? 'src' : '', 'app', page)
    await cp(join(broken, page), target, { recursive: true })
    return build(app, folder).finally(() => rm(target, { recursive: true }))
  }
})

/** A page in a browser of its own. */
function newPage(): Promise<Page> {
  return world.browser.newPage({ ignoreHTTPSErrors: true, locale: 'en-US' })
}

async function start(app: BareApp, place: string, image: Image | undefined): Promise<Started> {
  const origin = world.originOf(app)
  const env = { PUBLIC_URL: origin, LOCAL_NETWORK: JSON.stringify(world.network.localNetwork) }
  const { port } = world
  const started = image
    ? await startImage(image, { port, env: { ...env, ...(await secretsOf(place)) } })
    : await startApp(app, place, { port, env: { ...env, ATPROTO_DATA_DIR: join(place, 'data') } })
  // The keys of the application before it, whose address was the same, would be remembered.
  if (app.client === 'confidential') await forgetJwks(world.network.pds[0], `${origin}/oauth/jwks.json`)
  return started
}

/** What `init` made, given to the container as its host would: no image holds it. */
async function secretsOf(place: string): Promise<Readonly<Record<string, string>>> {
  const { ATPROTO_SECRET = '', ATPROTO_CLIENT_KEYS = '' } = parseEnv(
    await readFile(join(place, '.env.local'), 'utf8'),
  )
  return { ATPROTO_SECRET, ATPROTO_CLIENT_KEYS }
}

/** A stranger is sent away before the page renders, and stays at the address that was asked. */
async function expectGuard({ url }: Started, origin: string): Promise<void> {
  const response = await fetch(`${url}/account`, { redirect: 'manual' })
  expect(await response.text()).not.toContain('The account of')
  expect([response.status, response.headers.get('location')]).toEqual([
    307,
    // By whatever name the application was called: to its public one, or to where the visitor is.
    expect.stringMatching(/^([^?]+)?\/sign-in\?returnTo=%2Faccount$/),
  ])
  const { host } = new URL(response.headers.get('location') ?? '', url)
  expect([new URL(origin).host, new URL(url).host]).toContain(host)
}

/** What strangers sent to get past the guards of older versions, here without a session, and with a cookie that is no seal. */
async function expectNoBypass({ url }: Started, did: string): Promise<void> {
  using sender = createRawSender(url)
  const ask = async (forms: readonly RawRequest[], secret: string) => {
    for (const cookie of [
      undefined,
      `atproto-session-${new URL(url).port}=${did}; __Host-atproto-session=${did}`,
    ]) {
      for (const form of forms) {
        const headers = { accept: 'text/html', ...form.headers, ...(cookie !== undefined && { cookie }) }
        const answer = await sender.send({ ...form, headers })
        const what = JSON.stringify([form, cookie])
        expect(answer.status, what).not.toBe(500)
        expect(answer.body + JSON.stringify(answer.headers), what).not.toContain(secret)
      }
    }
  }
  await ask(readingForms('account/plain'), BEHIND_GUARD)
  await ask(requestForms('account'), 'The account of')
  await ask(requestForms('compose'), did)
}
