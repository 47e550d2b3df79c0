/** The world of the components' tests: a small application built around them, a real network, and an AppView. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'
import { buildApp, startApp } from '../network/app-server.ts'
import { findFreePort } from '../network/free-port.ts'
import { closeServer, listenOnLoopback, portOf } from '../network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from '../network/network.ts'
import { withoutHiddenCopies } from '../real-browser.ts'

const folder = join(import.meta.dirname, '../../fixtures/components-app')

/** An AppView that a test scripts. */
export interface FakeAppView {
  /** What it is asked, the first first. */
  readonly asked: { readonly query: string | null; readonly headers: Readonly<Record<string, unknown>> }[]
  /** What it answers, by what is looked up; anything else finds nobody. */
  readonly answers: Map<
    string,
    { readonly status?: number; readonly body: string; readonly after?: Promise<void> }
  >
}

interface Site {
  readonly url: string
  readonly network: LocalNetwork
  readonly appView: FakeAppView
  /** Takes the session store down until the end of the block. */
  takeStoreDown(): Promise<AsyncDisposable>
}

export interface ComponentOptions {
  /** Whether the application's own scripts run. */
  readonly scripts: 'run' | 'blocked'
}

export const test = base.extend<
  ComponentOptions & { readonly appView: FakeAppView },
  { readonly site: Site }
>({
  browser: [async ({ browser }, use) => use(withoutHiddenCopies(browser)), { scope: 'worker' }],
  scripts: ['run', { option: true }],
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter.
    async ({}, use) => {
      await using stack = new AsyncDisposableStack()
      await use(await startSite(stack))
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  appView: async ({ site }, use) => {
    site.appView.asked.length = 0
    site.appView.answers.clear()
    await use(site.appView)
  },
  baseURL: async ({ site }, use) => use(site.url),
  context: async ({ context, scripts, site }, use) => {
    if (scripts === 'blocked') {
      await context.route(`${site.url}/**`, (route) =>
        route.request().resourceType() === 'script' ? route.abort() : route.fallback(),
      )
    }
    await use(context)
  },
})

export type { Page }
export { expect }

/** Complains of what axe finds on the page as it is, with the rules of WCAG 2.2 AA and good practice. */
export async function expectAccessible(page: Page): Promise<void> {
  // Its other mode opens a tab for each answer, to reach into frames of other sites; the pages have no frames.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const complaints = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  expect(complaints).toEqual([])
}

async function startSite(stack: AsyncDisposableStack): Promise<Site> {
  await buildApp({ folder })
  const network = stack.use(await startNetwork())
  const { appView, url: appViewUrl } = await startAppView(stack)
  const data = await mkdtemp(join(tmpdir(), 'atproto-components-'))
  stack.defer(() => rm(data, { recursive: true, force: true, maxRetries: 3 }))
  const outage = join(data, 'outage')
  const port = await findFreePort()
  const env = {
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    LOCAL_NETWORK: JSON.stringify(network.localNetwork),
    ATPROTO_DATA_DIR: data,
    STORE: join(data, 'sessions.db'),
    OUTAGE: outage,
    APP_VIEW: appViewUrl,
    SIGN_UP_HOST: network.pds[0].url,
  }
  const { url } = stack.use(await startApp({ folder, port, env }))
  const takeStoreDown = async () => {
    await writeFile(outage, '')
    return { [Symbol.asyncDispose]: () => rm(outage) }
  }
  return { url, network, appView, takeStoreDown }
}

async function startAppView(stack: AsyncDisposableStack): Promise<{ appView: FakeAppView; url: string }> {
  const appView: FakeAppView = { asked: [], answers: new Map() }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const query = url.searchParams.get('q')
    appView.asked.push({ query, headers: request.headers })
    const { status = 200, body, after } = appView.answers.get(query ?? '') ?? { body: '{"actors":[]}' }
    await after
    response.writeHead(status, { 'access-control-allow-origin': '*', 'content-type': 'application/json' })
    response.end(body)
  })
  await listenOnLoopback(0, server)
  stack.defer(() => closeServer(server))
  return { appView, url: `http://127.0.0.1:${portOf(server)}` }
}
