/** What the functions for scripts share: how a request is sent, and how an authorization server is found. */
import { OAuthResolverError } from '../../errors.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import type { AuthMethod } from '../../identity/check-server-metadata.ts'
import { describeServer, discoverIssuer } from '../../identity/discover-server.ts'
import { createGuardedFetch, type GuardedFetch } from '../../net/guarded-fetch.ts'
import { createServerState, type ServerState } from '../server/server-state.ts'

/** How a request is sent. */
export interface ScriptOptions {
  /** Reach servers on this machine, over http too. Development and tests only. */
  readonly localNetwork?: { readonly ca?: string | undefined } | undefined
  /** Sends in place of the guarded fetch, without its checks and limits. It must not follow redirects. */
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly signal?: AbortSignal | undefined
}

/** The authorization server at an origin, asked as a PDS first, then as the server itself. */
export async function discoverAt(
  server: string,
  authMethod: AuthMethod,
  options: ScriptOptions,
): Promise<AuthorizationServer> {
  const origin = parseOrigin(server)
  const deps = { fetch: guardedFetchOf(options), allowLoopback: options.localNetwork !== undefined }
  const { signal } = options
  const issuer = await discoverIssuer(origin, deps, { signal }).catch((error: unknown) => {
    // A server that is no PDS has no such document, or a page of its website in that place.
    if (error instanceof OAuthResolverError && error.code === 'server_not_conforming') return undefined
    throw error
  })
  const pds = issuer === undefined ? undefined : origin
  return describeServer({ issuer: issuer ?? origin, pds, authMethod }, deps, { signal })
}

function parseOrigin(text: string): string {
  const url = URL.parse(text)
  if (url && url.href === `${url.origin}/`) return url.origin
  throw new TypeError('The origin of an authorization server or PDS was expected, as in https://bsky.social.')
}

/** What is known of the server before the first request. */
export function stateWithNonce(origin: string, nonce: string | undefined): ServerState {
  const servers = createServerState()
  if (nonce !== undefined)
    servers.rememberNonce(origin, new Response(null, { headers: { 'dpop-nonce': nonce } }), Date.now())
  return servers
}

// A guarded fetch holds kept-alive connections, so there is one for each network, not one for each call of a loop.
const publicNetwork = {}
const byNetwork = new WeakMap<object, GuardedFetch>()

/** What one call sends its requests with. */
export function guardedFetchOf({ fetch, localNetwork }: ScriptOptions): GuardedFetch {
  if (fetch) return withoutGuard(fetch)
  const network = localNetwork ?? publicNetwork
  const guarded = byNetwork.get(network) ?? createGuardedFetch({ localNetwork })
  byNetwork.set(network, guarded)
  return guarded
}

function withoutGuard(fetch: typeof globalThis.fetch): GuardedFetch {
  return (url, { method = 'GET', headers, body, signal }) =>
    fetch(url, {
      method,
      redirect: 'manual',
      signal: signal ?? null,
      ...(headers && { headers }),
      ...(typeof body === 'string' && { body }),
    })
}
