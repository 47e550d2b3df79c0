/**
 * Handle → DID (atproto.com/specs/handle, "Handle Resolution"): the DNS TXT record and the well-known file are
 * asked at once; where both answer, the DNS wins.
 */

import { z } from 'zod'
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import type { ResolveTxt } from '../net/dns.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { readJson } from '../net/read-json.ts'
import { type Did, type Handle, isDid } from './syntax.ts'

export interface HandleDeps {
  readonly fetch: GuardedFetch
  readonly resolveTxt: ResolveTxt
  /** Origin of a server that resolves handles by XRPC; used instead of DNS and well-known file. */
  readonly handleResolver?: string | undefined
}

/** TLDs under which no handle may resolve (atproto.com/specs/handle, "Additional Non-Syntax Restrictions"). */
const unresolvable = /\.(alt|arpa|example|internal|invalid|local|localhost|onion|test)$/
const resolveHandleSchema = z.object({ did: z.string() })

/**
 * The DID that a handle claims. It is a claim only, until the DID's document names the handle back.
 *
 * @throws OAuthResolverError `identity_not_found`
 */
export async function resolveHandle(handle: Handle, deps: HandleDeps, signal?: AbortSignal): Promise<Did> {
  const did = deps.handleResolver
    ? await askResolver(handle, deps.handleResolver, deps.fetch, signal)
    : await askDnsAndHost(handle, deps, signal)
  if (did) return did
  throw new OAuthResolverError('identity_not_found', `No account answers to the handle ${handle}.`)
}

async function askResolver(
  handle: Handle,
  resolver: string,
  fetch: GuardedFetch,
  signal: AbortSignal | undefined,
): Promise<Did | undefined> {
  const url = new URL('/xrpc/com.atproto.identity.resolveHandle', resolver)
  url.searchParams.set('handle', handle)
  const unavailable = (cause: unknown): never => {
    signal?.throwIfAborted()
    const details = cause instanceof Response ? { status: cause.status } : { cause }
    throw new OAuthResolverError('server_unavailable', 'The handle resolver did not answer properly.', {
      ...details,
      endpoint: url.origin,
    })
  }
  const response = await fetch(url, { kind: 'discovery', signal }).catch(unavailable)
  if (response.status === 400) return undefined
  if (!response.ok) return unavailable(response)
  const { did } = await readJson(response, resolveHandleSchema, url.origin).catch(unavailable)
  return isDid(did) ? did : undefined
}

async function askDnsAndHost(
  handle: Handle,
  deps: HandleDeps,
  signal: AbortSignal | undefined,
): Promise<Did | undefined> {
  if (unresolvable.test(handle)) return undefined
  const fromHost = askHost(handle, deps.fetch, signal)
  // The answer of the host is waited for only where the DNS has none; its failure then counts, not before.
  fromHost.catch(() => undefined)
  return (await askDns(handle, deps.resolveTxt)) ?? (await fromHost)
}

async function askDns(handle: Handle, resolveTxt: ResolveTxt): Promise<Did | undefined> {
  const records = await resolveTxt(`_atproto.${handle}`).catch((error: unknown) => {
    // A DNS that does not answer is no proof of anything: the well-known file decides.
    if (error instanceof AtprotoAuthError) return []
    throw error
  })
  const claims = new Set(records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4)))
  if (claims.size > 1) {
    throw new OAuthResolverError('identity_not_found', `The DNS names several accounts for ${handle}.`)
  }
  const [did] = claims
  return did !== undefined && isDid(did) ? did : undefined
}

async function askHost(
  handle: Handle,
  fetch: GuardedFetch,
  signal: AbortSignal | undefined,
): Promise<Did | undefined> {
  try {
    const response = await fetch(`https://${handle}/.well-known/atproto-did`, { kind: 'discovery', signal })
    if (!response.ok) return undefined
    const did = (await response.text()).trim()
    return isDid(did) ? did : undefined
  } catch (error) {
    signal?.throwIfAborted()
    // An unreachable, refused or endless host is the same to the visitor as one without the file.
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  }
}
