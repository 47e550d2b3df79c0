/**
 * Limits requests to hosts known only from what a visitor typed. Anyone can type a host name into the sign-in
 * form; without a limit, that would turn this server into a tool for flooding other servers. The limit ends once a host
 * has answered as part of the network.
 */
import { BoundedMap } from '../bounded-map.ts'
import { AtprotoAuthError } from '../errors.ts'
import type { GuardedFetch, GuardedRequest } from '../net/guarded-fetch.ts'

export interface UnverifiedHostLimit {
  /**
   * Counts one request to the host.
   *
   * @param now epoch milliseconds
   * @throws AtprotoAuthError `network_error` when an unverified host has had 10 requests within 10 seconds
   */
  count(host: string, now: number): void
  /** Ends the limit for a host that has answered as a PDS, as an authorization server or for a handle or did:web. */
  markVerified(host: string): void
}

export interface UnverifiedHostDeps {
  readonly fetch: GuardedFetch
  /** Without it, requests are not limited. */
  readonly caches?: { readonly hostLimit: UnverifiedHostLimit } | undefined
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
}

const MAX_HOSTS = 1_000
const MAX_REQUESTS = 10
const WINDOW_MS = 10_000

/** Returns a limit that has counted nothing yet. It keeps 1,000 hosts and drops the least recently asked one. */
export function createUnverifiedHostLimit(): UnverifiedHostLimit {
  const hosts = new BoundedMap<string, 'verified' | readonly number[]>(MAX_HOSTS)

  return {
    count(host, now) {
      const known = hosts.get(host) ?? []
      if (known === 'verified') {
        hosts.set(host, known)
        return
      }
      const recent = known.filter((time) => time > now - WINDOW_MS)
      if (recent.length >= MAX_REQUESTS) {
        throw new AtprotoAuthError(
          'network_error',
          `Too many requests to the unverified host ${host} within the last ${WINDOW_MS / 1000} s.`,
        )
      }
      hosts.set(host, [...recent, now])
    },
    markVerified(host) {
      hosts.set(host, 'verified')
    },
  }
}

/** Sends a discovery request to a host that may be unverified, and counts it. */
export async function fetchFromUnverifiedHost(
  url: URL,
  request: Omit<GuardedRequest, 'kind'>,
  { fetch, caches, now = Date.now }: UnverifiedHostDeps,
): Promise<Response> {
  caches?.hostLimit.count(url.hostname, now())
  return fetch(url, { ...request, kind: 'discovery' })
}
