/**
 * Handle → DID (atproto.com/specs/handle, "Handle Resolution"). The DNS TXT record and the well-known file are
 * requested at the same time; if both answer, DNS wins. If DNS fails or takes too long, the file decides.
 */
import { OAuthResolverError } from '../errors.ts'
import { limitTxt, type ResolveTxt } from '../net/dns.ts'
import { type Cache, type LookupOptions, recallFrom } from './cache.ts'
import { askResolver, type HandleResolverOption } from './configured-resolver.ts'
import { fetchWellKnownDid } from './handle-well-known.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import type { UnverifiedHostDeps, UnverifiedHostLimit } from './unverified-host-limit.ts'

export interface HandleDeps extends UnverifiedHostDeps {
  readonly resolveTxt: ResolveTxt
  /** Asked instead of DNS and the well-known file. */
  readonly handleResolver?: HandleResolverOption | undefined
  /** Asked when DNS and the well-known file have no answer, for instance because a firewall answers in their place. */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /** Called when `resolveTxt` fails in another way than a DNS look-up does. */
  readonly warn?: ((message: string) => void) | undefined
  /** Whether handles under `.test` may resolve. */
  readonly allowLoopback: boolean
  /**
   * Without it, nothing is cached. Clients may share it only if they use the system's DNS resolver and no resolver
   * object: otherwise their answers would mix.
   */
  readonly caches?: { readonly hostLimit: UnverifiedHostLimit; readonly handles: Cache<Did> } | undefined
}

/** TLDs under which no handle may resolve (atproto.com/specs/handle, "Additional Non-Syntax Restrictions"). */
const unresolvable = /\.(alt|arpa|example|internal|invalid|local|localhost|onion)$/

/**
 * Resolves a handle to the DID that it claims. The claim counts only if the DID's document names the handle too.
 * Cached for five minutes.
 *
 * @throws OAuthResolverError `identity_not_found`; `server_unavailable` when a configured resolver is down
 */
export async function resolveHandle(
  handle: Handle,
  deps: HandleDeps,
  { fresh, signal }: LookupOptions = {},
): Promise<Did> {
  signal?.throwIfAborted()
  if (unresolvable.test(handle) || (handle.endsWith('.test') && !deps.allowLoopback)) throw notFound(handle)
  const load = (signal?: AbortSignal) => lookUp(handle, deps, { fresh, signal })
  return recallFrom(deps.caches?.handles, keyOf(handle, deps), load, { now: deps.now, fresh, signal })
}

/** Clients with other resolvers or another network may get different answers. */
function keyOf(handle: Handle, { allowLoopback, handleResolver, fallbackResolver }: HandleDeps): string {
  return JSON.stringify([handle, allowLoopback, handleResolver, fallbackResolver])
}

async function lookUp(handle: Handle, deps: HandleDeps, options: LookupOptions): Promise<Did> {
  const { handleResolver, fallbackResolver } = deps
  if (handleResolver) {
    const did = await askResolver(handle, handleResolver, deps, options)
    if (did) return did
    throw notFound(handle)
  }
  const did = await askDnsAndHost(handle, deps, options.signal)
  if (did) return did
  const fallback = fallbackResolver && (await askResolver(handle, fallbackResolver, deps, options))
  if (fallback) return fallback
  throw notFound(handle)
}

async function askDnsAndHost(
  handle: Handle,
  deps: HandleDeps,
  signal: AbortSignal | undefined,
): Promise<Did | undefined> {
  const fromHost = fetchWellKnownDid(handle, deps, signal)
  // The file matters only if DNS has no answer. Until then its failure must not become an unhandled rejection.
  fromHost.catch(() => undefined)
  return (await askDns(handle, deps)) ?? (await fromHost)
}

async function askDns(handle: Handle, { resolveTxt, warn }: HandleDeps): Promise<Did | undefined> {
  const records = await limitTxt(resolveTxt)(`_atproto.${handle}`).catch((error: unknown) => {
    // Like Node's, an application's function may reject with a `code` when there is simply no record: no warning then.
    if (!(error instanceof Error && 'code' in error))
      warn?.('resolveTxt failed; the well-known file was used instead.')
    return []
  })
  const claims = new Set(records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4)))
  if (claims.size > 1) {
    throw new OAuthResolverError('identity_not_found', `DNS names several accounts for the handle ${handle}.`)
  }
  const [did] = claims
  return did !== undefined && isDid(did) ? did : undefined
}

function notFound(handle: Handle): OAuthResolverError {
  return new OAuthResolverError('identity_not_found', `The handle ${handle} does not resolve to an account.`)
}
