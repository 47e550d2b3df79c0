/** DNS over HTTPS (RFC 8484), for hosts that cannot reach a name server directly. */
import { AtprotoAuthError } from '../errors.ts'
import type { ResolveTxt } from './dns.ts'
import { decodeTxtAnswer, encodeTxtQuery } from './dns-message.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'

const MESSAGE_TYPE = 'application/dns-message'

/** Options of `createDohResolveTxt`. */
export interface DohOptions {
  /** As the client's option of that name. */
  readonly proxy?: string | undefined
  /** Sends the queries; default a guarded fetch. */
  readonly fetch?: GuardedFetch | undefined
}

/**
 * Returns a TXT look-up function that asks a public resolver, e.g. `https://cloudflare-dns.com/dns-query` or
 * `https://dns.google/dns-query`, for the option `resolveTxt`. The resolver learns which handles are looked up, and its
 * answers are trusted.
 *
 * @param endpoint URL of the resolver with a host name; IP addresses are refused
 * @throws ConfigurationError when `proxy` is no address of a proxy
 */
export function createDohResolveTxt(endpoint: string | URL, options: DohOptions = {}): ResolveTxt {
  const fetch = options.fetch ?? createGuardedFetch({ proxy: options.proxy })
  return async (name) => {
    const url = new URL(endpoint)
    url.searchParams.set('dns', Buffer.from(encodeTxtQuery(name)).toString('base64url'))
    const response = await fetch(url, { kind: 'discovery', headers: new Headers({ accept: MESSAGE_TYPE }) })
    const { status, headers } = response
    if (status !== 200 || headers.get('content-type')?.toLowerCase() !== MESSAGE_TYPE) {
      throw new AtprotoAuthError('network_error', `${url.origin} gave no DNS answer.`, {
        endpoint: url.origin,
        status,
      })
    }
    return decodeTxtAnswer(new Uint8Array(await response.arrayBuffer()))
  }
}
