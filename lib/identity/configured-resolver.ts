/** Handle → DID through a resolver that the application configured: an XRPC server or an object. */
import { z } from 'zod'
import { OAuthResolverError } from '../errors.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { readJson } from '../net/read-json.ts'
import type { LookupOptions } from './cache.ts'
import { type Did, type Handle, isDid } from './syntax.ts'

/** A handle resolver object. It has the interface of `@atproto-labs/handle-resolver`, so those objects work here. */
export interface HandleResolver {
  /** Resolves to the DID, or to null when the handle has no account. */
  resolve(
    handle: string,
    options?: { readonly signal?: AbortSignal; readonly noCache?: boolean },
  ): Promise<string | null | undefined>
}

/** The origin of a server that offers `com.atproto.identity.resolveHandle`, or a resolver object. */
export type HandleResolverOption = string | URL | HandleResolver

const responseSchema = z.object({ did: z.string() })

/**
 * Returns the DID that the resolver names, or undefined when it knows no account with that handle.
 *
 * @throws OAuthResolverError `server_unavailable` when the resolver gave no proper answer
 */
export async function askResolver(
  handle: Handle,
  resolver: HandleResolverOption,
  { fetch }: { readonly fetch: GuardedFetch },
  { fresh, signal }: LookupOptions = {},
): Promise<Did | undefined> {
  try {
    const did =
      typeof resolver === 'string' || resolver instanceof URL
        ? await askServer(handle, resolver, fetch, signal)
        : await resolver.resolve(handle, { ...(signal && { signal }), noCache: fresh ?? false })
    return typeof did === 'string' && isDid(did) ? did : undefined
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof OAuthResolverError) throw cause
    throw unavailable({ cause })
  }
}

async function askServer(
  handle: Handle,
  server: string | URL,
  fetch: GuardedFetch,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const url = new URL('/xrpc/com.atproto.identity.resolveHandle', server)
  url.searchParams.set('handle', handle)
  const response = await fetch(url, { kind: 'discovery', signal })
  const { status } = response
  if (status === 400 && (await isDefinite(response, url.origin))) return undefined
  if (!response.ok) throw unavailable({ status, endpoint: url.origin })
  return (await readJson(response, responseSchema, url.origin)).did
}

/** Names of XRPC for what passes. Some servers send them with the status of a handle that has no account. */
const passing: ReadonlySet<unknown> = new Set([
  'InternalServerError',
  'NotEnoughResources',
  'RateLimitExceeded',
  'UpstreamFailure',
  'UpstreamTimeout',
])
const errorSchema = z.object({ error: z.unknown().optional() })

/** Whether a refusal is about the handle: that of an XRPC server, and of no gateway before it. */
async function isDefinite(response: Response, source: string): Promise<boolean> {
  const body = await readJson(response, errorSchema, source).catch(() => undefined)
  return body !== undefined && !passing.has(body.error)
}

function unavailable(details: { cause?: unknown; status?: number; endpoint?: string }): OAuthResolverError {
  return new OAuthResolverError('server_unavailable', 'The handle resolver did not answer properly.', details)
}
