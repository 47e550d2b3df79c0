/**
 * What every test of this part stands on: the scripted network over real HTTP, whose refresh tokens work once; a
 * real store; and processes of an application that shares it. `npm run endurance` plays some of it many times.
 */
import type { OAuthClient } from '../../../lib/oauth/index.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { SECRET } from '../client.ts'
import { openStore } from '../contract/open-store.ts'
import { createScriptedClient, signIn as signInAs } from '../protocol/scripted-client.ts'
import {
  type NetworkOptions,
  type ScriptedNetwork,
  startScriptedNetwork,
} from '../protocol/scripted-network.ts'
import type { SessionRef, Setup } from './messages.ts'
import { startWorker, type Worker } from './processes.ts'
import { openPlace, type StoreKind, type StorePlace } from './store-place.ts'

export const HOUR_MS = 3_600_000
/** After it, whoever sent a refresh token is not waiting for the answer any more. */
export const DEADLINE_MS = 36_000
/** How long the lock of a refresh lasts when its process no longer extends it. */
export const LEASE_MS = 15_000

type ClientOptions = NonNullable<Parameters<typeof createScriptedClient>[1]>

export interface SignedIn extends SessionRef {
  /** The token that the first renewal sends. */
  readonly refreshToken: string
}

export interface World extends AsyncDisposable {
  readonly network: ScriptedNetwork
  readonly place: StorePlace
  /** The test's own connection to the store. */
  readonly store: Store
  /** The test's own client, a process like the others. */
  readonly client: OAuthClient
  signIn(client?: OAuthClient): Promise<SignedIn>
  /** So many sessions, one after the other. */
  signInAll(count: number): Promise<readonly SignedIn[]>
  createClient(options?: ClientOptions): OAuthClient
  startWorker(options?: Partial<Setup>): Promise<Worker>
  startWorkers(count: number, options?: (index: number) => Partial<Setup>): Promise<readonly Worker[]>
  /** Moves the clock of the network and of every worker. */
  advance(ms: number): void
  /** Of all sessions: how often tokens were renewed, and used twice. */
  counts(): { readonly rotations: number; readonly replays: number }
  /** How often a refresh token came to the server. */
  uses(refreshToken: string): number
}

export interface WorldOptions extends NetworkOptions {
  /** Instead of a store of its own. */
  readonly place?: StorePlace
}

export async function startWorld(kind: StoreKind, options: WorldOptions = {}): Promise<World> {
  const network = await startScriptedNetwork(options)
  const place = options.place ?? (await openPlace(kind))
  const store = openStore(kind, place.address)
  const workers: Worker[] = []
  const createClient = (given: ClientOptions = {}) => createScriptedClient(network, { store, ...given })
  const client = createClient()

  async function startOne(given: Partial<Setup> = {}): Promise<Worker> {
    const worker = await startWorker({
      kind,
      address: place.address,
      now: network.now(),
      secrets: [SECRET],
      plcDirectory: network.plc.origin,
      handleResolver: network.resolver.origin,
      ...given,
    })
    workers.push(worker)
    return worker
  }

  async function signIn(by: OAuthClient = client): Promise<SignedIn> {
    const { did, id } = await signInAs(network, by)
    return { did, id, refreshToken: network.home.as.grants.all.at(-1)?.refreshToken ?? '' }
  }

  return {
    network,
    place,
    store,
    client,
    createClient,
    signIn,
    startWorker: startOne,
    async signInAll(count) {
      const sessions: SignedIn[] = []
      while (sessions.length < count) sessions.push(await signIn())
      return sessions
    },
    startWorkers: (count, given = () => ({})) =>
      Promise.all(Array.from({ length: count }, (_, index) => startOne(given(index)))),
    advance(ms) {
      network.advance(ms)
      for (const worker of workers) void worker.ask({ do: 'clock', now: network.now() })
    },
    counts: () => network.home.as.grants.counts,
    // A request without a nonce only asks for one.
    uses: (token) =>
      network
        .sent('/oauth/token')
        .filter(({ form, proof }) => form.get('refresh_token') === token && proof?.claims.nonce !== undefined)
        .length,
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.kill()))
      await store.close()
      await place.stop()
      await network[Symbol.asyncDispose]()
    },
  }
}

/** Calls without end in all these processes, until the function that comes back is called: how they ended. */
export function startLoad(workers: readonly Worker[], sessions: readonly SessionRef[], lanes = 4) {
  const outcomes = Promise.all(workers.map((worker) => worker.ask({ do: 'load', sessions, lanes })))
  return async () => {
    for (const worker of workers) void worker.ask({ do: 'halt' })
    return tally((await outcomes).flat())
  }
}

/** How often each outcome came. */
export function tally(outcomes: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...Map.groupBy(outcomes, (outcome) => outcome)].map(([name, all]) => [name, all.length]),
  )
}
