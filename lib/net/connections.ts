/**
 * Connections that are kept for the next request. The other side may close an idle one at any moment, or a gateway may
 * forget it without a word, and whoever sends on it just then gets nothing back.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'

/** How long a connection may lie idle and still be used; load balancers give up theirs after a minute or more. */
const IDLE_MS = 30_000
/**
 * The same for requests that must not be sent twice, of which nobody could tell whether they arrived: long enough to
 * answer a nonce, too short for a connection to go stale.
 */
const ONCE_IDLE_MS = 1_000

export type Agent = HttpAgent | HttpsAgent

export interface ConnectionOptions {
  /** Judges each address. */
  readonly lookup: LookupFunction
  /** Certificate authorities; default those of Node. */
  readonly ca?: readonly string[] | undefined
}

export interface Connections {
  /** Connections for requests that may be repeated, for those that may not, and new ones. */
  agentFor(url: URL, use: 'repeatable' | 'once' | 'fresh'): Agent
}

export function createConnections({ lookup, ca }: ConnectionOptions): Connections {
  const create = (options: { readonly keepAlive: boolean; readonly timeout?: number }) => ({
    'http:': new HttpAgent({ ...options, lookup }),
    'https:': new HttpsAgent({ ...options, lookup, ...(ca && { ca: [...ca] }) }),
  })
  const agents = {
    repeatable: create({ keepAlive: true, timeout: IDLE_MS }),
    once: create({ keepAlive: true, timeout: ONCE_IDLE_MS }),
    fresh: create({ keepAlive: false }),
  }
  return { agentFor: ({ protocol }, use) => agents[use][protocol === 'https:' ? 'https:' : 'http:'] }
}

/** Whether a request ended because the connection that it was given was closed already. */
export function wasStale(error: unknown, isReused: boolean): boolean {
  if (!isReused || !(error instanceof Error && 'code' in error)) return false
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}
