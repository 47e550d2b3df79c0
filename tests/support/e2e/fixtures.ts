/** The world of the browser tests: a real network, and one build of the app run as either kind of client. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { test as base, type Page } from '@playwright/test'
import { generateKeys } from '../../../lib/cli/keys.ts'
import { type AppServer, startApp } from '../network/app-server.ts'
import { type LocalAppView, startAppView } from '../network/app-view.ts'
import { findFreePort } from '../network/free-port.ts'
import { resumeAnswers, setTokenLifetime } from '../network/hooks.ts'
import { type LocalNetwork, startNetwork } from '../network/network.ts'
import { withoutHiddenCopies } from '../real-browser.ts'

const HOUR_MS = 3_600_000

export interface AppOptions {
  readonly client: 'loopback' | 'confidential'
  /** Whether the app's own scripts run; those of the PDS's pages always do. */
  readonly scripts: 'run' | 'blocked'
}

export interface RunningApp {
  /** Where a browser finds it. */
  readonly origin: string
  /** The SQLite file of its sessions. */
  readonly database: string
  readonly server: AppServer
  /** What was in its environment. */
  readonly env: Readonly<Record<string, string>>
}

interface World {
  readonly network: LocalNetwork
  readonly appView: LocalAppView
  readonly loopback: RunningApp
  readonly confidential: RunningApp
}

interface TestFixtures extends AppOptions {
  readonly network: LocalNetwork
  /** What timelines are asked from. */
  readonly appView: LocalAppView
  /** The app as this test's project wants it. */
  readonly app: RunningApp
}

export const test = base.extend<TestFixtures, { readonly world: World }>({
  browser: [async ({ browser }, use) => use(withoutHiddenCopies(browser)), { scope: 'worker' }],
  client: ['loopback', { option: true }],
  scripts: ['run', { option: true }],
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first parameter.
    async ({}, use) => {
      await using stack = new AsyncDisposableStack()
      await use(await startWorld(stack))
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  // Whatever a test did to them, the next one finds them as they began.
  network: async ({ world: { network } }, use) => {
    await use(network)
    for (const pds of network.pds) {
      resumeAnswers(pds)
      setTokenLifetime(pds, HOUR_MS)
    }
  },
  appView: async ({ world: { appView } }, use) => {
    await use(appView)
    appView.mode = 'open'
  },
  app: async ({ world, client }, use) => use(world[client]),
  context: async ({ context, scripts, app }, use) => {
    if (scripts === 'blocked') {
      await context.route(`${app.origin}/**`, (route) =>
        route.request().resourceType() === 'script' ? route.abort() : route.fallback(),
      )
    }
    await use(context)
  },
})

export { expect } from '@playwright/test'
export type { Page }

async function startWorld(stack: AsyncDisposableStack): Promise<World> {
  const [loopbackPort, confidentialPort] = [await findFreePort(), await findFreePort()]
  const target = `http://127.0.0.1:${confidentialPort}`
  const network = stack.use(await startNetwork({ app: { host: 'app.demo.internal', target } }))
  const origin = network.front?.origin ?? ''
  const appView = stack.use(await startAppView(0, Object.values(network.accounts)))
  const shared = { DEMO_NETWORK: JSON.stringify(network.localNetwork), APPVIEW: appView.service }
  const loopbackUrl = `http://127.0.0.1:${loopbackPort}`
  const secrets = parseEnv(await generateKeys())
  return {
    network,
    appView,
    loopback: await run(loopbackUrl, loopbackPort, shared, stack),
    confidential: await run(origin, confidentialPort, { ...shared, ...secrets }, stack),
  }
}

async function run(
  origin: string,
  port: number,
  env: NodeJS.Dict<string>,
  stack: AsyncDisposableStack,
): Promise<RunningApp> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-e2e-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  const defined = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? '']))
  const server = await startApp({ port, env: { ...defined, PUBLIC_URL: origin, ATPROTO_DATA_DIR: folder } })
  stack.defer(() => server.stop())
  return { origin, database: join(folder, 'sessions.sqlite'), server, env: defined }
}
