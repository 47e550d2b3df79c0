/**
 * Connections that are kept open for the next request. The server may close an idle connection at any moment, and a
 * gateway may drop it silently; a request sent on it at that moment gets no answer.
 */
import type { Agent as PlainAgent } from 'node:http'
import type { Agent as SecureAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { HttpProxy } from './http-proxy.ts'
import { HttpAgent, HttpsAgent } from './node-http.ts'
import { TunnelAgent } from './proxy-tunnel.ts'

/** How long a connection may be idle and still be reused. Load balancers close theirs after a minute or more. */
const IDLE_MS = 30_000
/**
 * The same for requests that must not be sent twice, because a lost answer leaves open whether they arrived: long
 * enough to repeat a request with a nonce, too short for a connection to go stale.
 */
const ONCE_IDLE_MS = 1_000

export type Agent = PlainAgent | SecureAgent

export interface ConnectionOptions {
  /** Resolves host names and refuses addresses that are not allowed. */
  readonly lookup: LookupFunction
  /** Certificate authorities (PEM); default those of Node.js. */
  readonly ca?: readonly string[] | undefined
  /** Through which requests leave, except to the hosts that `isDirect` names. */
  readonly proxy?: HttpProxy | undefined
  isDirect(hostname: string): boolean
  /** Called when the proxy itself is the problem. */
  readonly warn?: ((message: string) => void) | undefined
}

export interface Connections {
  /** The agent for a request that may be repeated, for one that may not, or for one that needs a new connection. */
  agentFor(url: URL, use: 'repeatable' | 'once' | 'fresh'): Agent
}

export function createConnections({ lookup, ca, proxy, isDirect, warn }: ConnectionOptions): Connections {
  const trust = ca && { ca: [...ca] }
  const create = (options: { readonly keepAlive: boolean; readonly timeout?: number }) => {
    const https = new HttpsAgent({ ...options, lookup, ...trust })
    // The proxy resolves the names, so there is no look-up.
    const tunnelled = proxy ? new TunnelAgent({ ...options, ...trust }, { proxy, warn }) : https
    return { http: new HttpAgent({ ...options, lookup }), https, tunnelled }
  }
  const agents = {
    repeatable: create({ keepAlive: true, timeout: IDLE_MS }),
    once: create({ keepAlive: true, timeout: ONCE_IDLE_MS }),
    fresh: create({ keepAlive: false }),
  }
  return {
    agentFor({ protocol, hostname }, use) {
      const { http, https, tunnelled } = agents[use]
      // The URL rules allow http to this machine only.
      if (protocol !== 'https:') return http
      return isDirect(hostname) ? https : tunnelled
    },
  }
}

/** Whether a request failed because its reused connection had already been closed. */
export function wasStale(error: unknown, isReused: boolean): boolean {
  if (!isReused || !(error instanceof Error && 'code' in error)) return false
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}
