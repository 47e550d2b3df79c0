/**
 * Handle → DID (atproto.com/specs/handle, "Handle Resolution"): the DNS TXT record and the well-known file are
 * asked at once; where both answer, the DNS wins. A DNS that fails or hangs proves nothing: the file decides then.
 */
import { OAuthResolverError } from '../errors.ts'
import { limitTxt, type ResolveTxt } from '../net/dns.ts'
import { type Cache, type RecallOptions, recallFrom } from './cache.ts'
import { askResolver, type HandleResolverOption } from './handle-resolver.ts'
import { askHost } from './handle-well-known.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import type { BudgetDeps, HostBudget } from './unverified-host-limit.ts'

export interface HandleDeps extends BudgetDeps, RecallOptions {
  readonly resolveTxt: ResolveTxt
  /** Asked instead of DNS and well-known file. */
  readonly handleResolver?: HandleResolverOption | undefined
  /** Asked when DNS and well-known file know nobody, for instance because a firewall answers in their place. */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /** Told of a `resolveTxt` that fails otherwise than a look-up does. */
  readonly warn?: ((message: string) => void) | undefined
  /** Whether handles under `.test` may resolve. */
  readonly allowLoopback: boolean
  /**
   * Left out: nothing is remembered. Shared by clients only where `resolveTxt` is the machine's own and no
   * resolver is an object: answers of others would mix.
   */
  readonly memory?: { readonly hosts: HostBudget; readonly handles: Cache<Did> } | undefined
}

/** TLDs under which no handle may resolve (atproto.com/specs/handle, "Additional Non-Syntax Restrictions"). */
const unresolvable = /\.(alt|arpa|example|internal|invalid|local|localhost|onion)$/

/**
 * The DID that a handle claims. It is a claim only, until the DID's document names the handle back.
 *
 * @throws OAuthResolverError `identity_not_found`; `server_unavailable` when a configured resolver is down
 */
export async function resolveHandle(handle: Handle, deps: HandleDeps, signal?: AbortSignal): Promise<Did> {
  signal?.throwIfAborted()
  if (unresolvable.test(handle) || (handle.endsWith('.test') && !deps.allowLoopback)) throw notFound(handle)
  const load = (signal?: AbortSignal) => askAll(handle, deps, signal)
  return recallFrom(deps.memory?.handles, keyOf(handle, deps), load, { ...deps, signal })
}

/** Clients with other resolvers or another network may get other answers. */
function keyOf(handle: Handle, { allowLoopback, handleResolver, fallbackResolver }: HandleDeps): string {
  return JSON.stringify([handle, allowLoopback, handleResolver, fallbackResolver])
}

async function askAll(handle: Handle, deps: HandleDeps, signal?: AbortSignal): Promise<Did> {
  const { handleResolver, fallbackResolver } = deps
  if (handleResolver) {
    const did = await askResolver(handle, handleResolver, deps, signal)
    if (did) return did
    throw notFound(handle)
  }
  const did = await askDnsAndHost(handle, deps, signal)
  if (did) return did
  const fallback = fallbackResolver && (await askResolver(handle, fallbackResolver, deps, signal))
  if (fallback) return fallback
  throw notFound(handle)
}

async function askDnsAndHost(
  handle: Handle,
  deps: HandleDeps,
  signal: AbortSignal | undefined,
): Promise<Did | undefined> {
  const fromHost = askHost(handle, deps, signal)
  // The answer of the host is waited for only where the DNS has none; its failure then counts, not before.
  fromHost.catch(() => undefined)
  return (await askDns(handle, deps)) ?? (await fromHost)
}

async function askDns(handle: Handle, { resolveTxt, warn }: HandleDeps): Promise<Did | undefined> {
  const records = await limitTxt(resolveTxt)(`_atproto.${handle}`).catch((error: unknown) => {
    // An application's own look-up may reject as Node's does, with a code, also where there is merely no record.
    if (!(error instanceof Error && 'code' in error))
      warn?.('resolveTxt failed; the well-known file was asked.')
    return []
  })
  const claims = new Set(records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4)))
  if (claims.size > 1) {
    throw new OAuthResolverError('identity_not_found', `The DNS names several accounts for ${handle}.`)
  }
  const [did] = claims
  return did !== undefined && isDid(did) ? did : undefined
}

function notFound(handle: Handle): OAuthResolverError {
  return new OAuthResolverError('identity_not_found', `No account answers to the handle ${handle}.`)
}
