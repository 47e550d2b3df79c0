/** What a part is played with: a store, a network, the processes of an application, and browsers. */
import { createBrowser } from '../../../tests/support/browser.ts'
import type { StoreKind } from '../../../tests/support/faults/store-place.ts'
import { startApplication } from '../app/application.ts'
import type { Break } from '../app/messages.ts'
import { openRunPlace, type RunPlace } from '../app/store-place.ts'
import { createOracle } from './oracle.ts'
import { PUBLIC_URL, type Run, type RunBrowser, SECRET } from './run.ts'
import { createTroubleLog } from './trouble-log.ts'
import { startWatchedNetwork } from './watched-network.ts'

export interface RunSize {
  readonly seed: string
  readonly kind: StoreKind
  readonly processes: number
  readonly browsers: number
  /** A fault of the application, which the run must find. */
  readonly breaks?: Break
  /** For Node, of each process. */
  readonly flags?: readonly string[]
}

export interface OpenRun extends AsyncDisposable {
  readonly run: Run
  readonly place: RunPlace
}

/** Life of an access token. */
const TOKEN_MS = 10_000

/** Starts all of it; `await using` stops it. */
export async function openRun(size: RunSize): Promise<OpenRun> {
  const { kind, seed, breaks, processes, flags } = size
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startWatchedNetwork(TOKEN_MS))
  const place = await openRunPlace(kind)
  stack.defer(() => place.stop())
  const { plc, resolver } = network.network
  const servers = { plcDirectory: plc.origin, handleResolver: resolver.origin }
  const setup = { kind, address: place.address, publicUrl: PUBLIC_URL, secret: SECRET, ...servers, breaks }
  const application = await startApplication(setup, { processes, flags })
  stack.defer(async () => void (await application.stop()))
  const run: Run = {
    seed,
    network,
    application,
    oracle: createOracle({ secret: SECRET, doubtOf: network.doubtOf }),
    troubles: createTroubleLog(),
    browsers: Array.from({ length: size.browsers }, (_, index) => createRunBrowser(index)),
    counts: { actions: 0, 'sign-ins': 0, calls: 0, failed: 0 },
    lost: [],
  }
  const opened = stack.move()
  return { run, place, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

function createRunBrowser(index: number): RunBrowser {
  const memory = { pastCookies: [], pastCallbacks: [], codes: new Map() }
  return { ...createBrowser(), ...memory, name: `browser ${index + 1}`, isBusy: false }
}
