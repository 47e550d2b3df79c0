/** What the functions for scripts share: how a request leaves, and how an authorization server is found. */
import { OAuthResolverError } from '../../errors.ts'
import {
  type AuthMethod,
  type AuthorizationServer,
  describeServer,
  discoverIssuer,
} from '../../identity/discovery.ts'
import { createGuardedFetch, type GuardedFetch } from '../../net/guarded-fetch.ts'
import { createServerMemory, type ServerMemory } from '../server/server-state.ts'

/** How a request leaves. */
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
  const deps = { fetch: doorOf(options), allowLoopback: options.localNetwork !== undefined }
  const { signal } = options
  const issuer = await discoverIssuer(origin, deps, signal).catch((error: unknown) => {
    // A server that is no PDS has no such document, or a page of its website in that place.
    if (error instanceof OAuthResolverError && error.code === 'server_not_conforming') return undefined
    throw error
  })
  const pds = issuer === undefined ? undefined : origin
  return describeServer({ issuer: issuer ?? origin, pds, authMethod }, deps, signal)
}

function parseOrigin(text: string): string {
  const url = URL.parse(text)
  if (url && url.href === `${url.origin}/`) return url.origin
  throw new TypeError('The origin of an authorization server or PDS was expected, as in https://bsky.social.')
}

/** What is known of the server before the first request. */
export function memoryOf(origin: string, nonce: string | undefined): ServerMemory {
  const servers = createServerMemory()
  if (nonce !== undefined)
    servers.rememberNonce(origin, new Response(null, { headers: { 'dpop-nonce': nonce } }), Date.now())
  return servers
}

// Doors hold kept-alive connections: one for each network, not one for each call of a script's loop.
const publicDoor = {}
const doors = new WeakMap<object, GuardedFetch>()

/** The way out for one call. */
export function doorOf({ fetch, localNetwork }: ScriptOptions): GuardedFetch {
  if (fetch) return withoutGuard(fetch)
  const network = localNetwork ?? publicDoor
  const door = doors.get(network) ?? createGuardedFetch({ localNetwork })
  doors.set(network, door)
  return door
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
