/**
 * Requests to hosts that a stranger named. Until such a host has shown that it takes part in the network, it
 * gets a few of them only: else whoever fills in a sign-in form could turn this server on somebody else's.
 */
import { BoundedMap } from '../bounded-map.ts'
import { AtprotoAuthError } from '../errors.ts'
import type { GuardedFetch, GuardedRequest } from '../net/guarded-fetch.ts'

export interface HostBudget {
  /**
   * Counts a request to the host.
   *
   * @throws AtprotoAuthError `network_error` when a host that is not known had its share of them
   */
  spend(host: string, now: number): void
  /** Counts no more: the host has answered as a PDS, an authorization server or the home of an identity. */
  trust(host: string): void
}

export interface BudgetDeps {
  readonly fetch: GuardedFetch
  /** Left out: nothing is counted. */
  readonly memory?: { readonly hosts: HostBudget } | undefined
  /** Epoch milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined
}

const MAX_HOSTS = 1_000
const REQUESTS = 10
const WINDOW_MS = 10_000

/** No request counted yet; at most a thousand hosts are, and the one asked longest ago gives way. */
export function createHostBudget(): HostBudget {
  const hosts = new BoundedMap<string, 'trusted' | readonly number[]>(MAX_HOSTS)

  return {
    spend(host, now) {
      const known = hosts.get(host) ?? []
      if (known === 'trusted') {
        hosts.set(host, known)
        return
      }
      const recent = known.filter((time) => time > now - WINDOW_MS)
      if (recent.length >= REQUESTS) {
        throw new AtprotoAuthError('network_error', `${host} is unknown and was asked too often just now.`)
      }
      hosts.set(host, [...recent, now])
    },
    trust(host) {
      hosts.set(host, 'trusted')
    },
  }
}

/** A discovery request to a host that somebody else named. */
export async function askStranger(
  url: URL,
  request: Omit<GuardedRequest, 'kind'>,
  { fetch, memory, now = Date.now }: BudgetDeps,
): Promise<Response> {
  memory?.hosts.spend(url.hostname, now())
  return fetch(url, { ...request, kind: 'discovery' })
}
