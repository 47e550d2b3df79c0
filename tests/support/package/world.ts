/** What the tests of the package share: a real network, a browser, and installations that applications copy. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from '@playwright/test'
import { type LocalNetwork, startNetwork } from '../network/network.ts'
import { launchBrowser } from '../real-browser.ts'
import { install } from './bare-app.ts'
import { type BareApp, newest } from './matrix.ts'
import { findQuietPort } from './start-app.ts'

export interface World extends AsyncDisposable {
  /** Applications are made in it; it goes with all that is in it. */
  readonly folder: string
  /** Every application listens on it, one after the other. */
  readonly port: number
  readonly network: LocalNetwork
  readonly browser: Browser
  /** Where browsers find an application. */
  originOf(app: Pick<BareApp, 'client'>): string
  /** One installation for all applications on the same Next.js. */
  installed(app: Pick<BareApp, 'next' | 'typescript'>): Promise<string>
}

/** Starts all of it; `installation` is the one beside the newest Next.js. */
export async function createWorld(tarball: string, installation: string): Promise<World> {
  const started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'atproto-package-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  // One application runs as somebody else, who has to reach its files.
  await chmod(folder, 0o755)
  const port = await findQuietPort()
  const front = { host: 'app.demo.internal', target: `http://127.0.0.1:${port}` }
  const network = started.use(await startNetwork({ app: front }))
  const browser = await launchBrowser()
  started.defer(() => browser.close())

  const installations = new Map([[newest.next, Promise.resolve(installation)]])
  return {
    folder,
    port,
    network,
    browser,
    originOf: ({ client }) =>
      client === 'confidential' ? (network.front?.origin ?? '') : `http://127.0.0.1:${port}`,
    installed({ next, typescript }) {
      const place = join(folder, `next-${next}`)
      const existing =
        installations.get(next) ?? install(place, { next, typescript }, tarball).then(() => place)
      installations.set(next, existing)
      return existing
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
