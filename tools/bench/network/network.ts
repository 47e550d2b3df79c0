/** The benchmark's network, driven from another process. */
import { join } from 'node:path'
import { startChild } from '../work/child.ts'
import type { Command, NetworkSettings } from './network-process.ts'
import type { Traffic } from './traffic.ts'

export interface Servers {
  readonly issuer: string
  readonly pds: string
  readonly plc: string
  readonly resolver: string
}

export interface Counts {
  readonly all: Traffic
  /** Of the PDS alone. */
  readonly pds: Traffic
  /** Refresh tokens that were renewed. */
  readonly refreshes: number
  /** Refresh tokens that were used twice. */
  readonly replays: number
}

export interface BenchNetwork {
  readonly servers: Servers
  readonly lifetimeMs: number
  /** The callback's query when that account approves the request at a URL. */
  approve(url: string, did: string): Promise<string>
  /** What was counted since the start. */
  count(): Promise<Counts>
  /** How late answers are from now on; over TLS, how long a round trip takes. */
  delay(ms: number): Promise<void>
  /** From now on the servers accept only new nonces. */
  rotateNonces(): Promise<void>
  /** Makes every access token invalid before its time. */
  endAccessTokens(): Promise<void>
  stop(): Promise<void>
}

export async function startBenchNetwork(settings: NetworkSettings): Promise<BenchNetwork> {
  const child = startChild(join(import.meta.dirname, 'network-process.ts'))
  const ask = (command: Command) => child.ask(command)
  const servers = (await ask({ name: 'start', settings })) as Servers
  return {
    servers,
    lifetimeMs: settings.lifetimeMs,
    approve: async (url, did) => String(await ask({ name: 'approve', url, did })),
    count: async () => (await ask({ name: 'count' })) as Counts,
    delay: async (ms) => void (await ask({ name: 'delay', ms })),
    rotateNonces: async () => void (await ask({ name: 'rotate' })),
    endAccessTokens: async () => void (await ask({ name: 'end access tokens' })),
    stop: child.stop,
  }
}
