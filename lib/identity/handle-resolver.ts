/** Handle → DID by somebody else's word: an XRPC server, or an object of the application's. */
import { z } from 'zod'
import { OAuthResolverError } from '../errors.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { readJson } from '../net/read-json.ts'
import { type Did, type Handle, isDid } from './syntax.ts'

/** The shape of @atproto-labs/handle-resolver, so that its objects fit. */
export interface HandleResolver {
  /** The DID; null when the handle is nobody's. */
  resolve(
    handle: string,
    options?: { readonly signal?: AbortSignal; readonly noCache?: boolean },
  ): Promise<string | null | undefined>
}

/** Origin of a server with `com.atproto.identity.resolveHandle`, or an object that resolves. */
export type HandleResolverOption = string | URL | HandleResolver

const responseSchema = z.object({ did: z.string() })

/**
 * The DID, as far as the resolver is to be believed; undefined when it knows nobody by that handle.
 *
 * @throws OAuthResolverError `server_unavailable` when it gave no proper answer
 */
export async function askResolver(
  handle: Handle,
  resolver: HandleResolverOption,
  { fetch, fresh }: { readonly fetch: GuardedFetch; readonly fresh?: boolean | undefined },
  signal?: AbortSignal,
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
  if (response.status === 400) return undefined
  if (!response.ok) throw unavailable({ status: response.status, endpoint: url.origin })
  return (await readJson(response, responseSchema, url.origin)).did
}

function unavailable(details: { cause?: unknown; status?: number; endpoint?: string }): OAuthResolverError {
  return new OAuthResolverError('server_unavailable', 'The handle resolver did not answer properly.', details)
}
