/**
 * Handle → DID (atproto.com/specs/handle, "Handle Resolution"). The DNS TXT record and the well-known file are
 * requested at the same time; if both answer, DNS wins. If DNS fails or takes too long, a DID in the file decides. A
 * handle has no account only if both say so: see could-not-ask.ts.
 */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { type AddressPolicy, networkKey } from '../net/address-policy.ts'
import { isNoRecord, limitTxt, type ResolveTxt } from '../net/dns.ts'
import { type Cache, type LookupOptions, recallFrom } from './cache.ts'
import { askResolver, type HandleResolverOption } from './configured-resolver.ts'
import { fetchWellKnownDid, type NoFile } from './handle-well-known.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import type { UnverifiedHostDeps, UnverifiedHostLimit } from './unverified-host-limit.ts'

/** Handles under `.test` resolve only with `allowLoopback`. */
export interface HandleDeps extends UnverifiedHostDeps, AddressPolicy {
  readonly resolveTxt: ResolveTxt
  /** Asked instead of DNS and the well-known file. */
  readonly handleResolver?: HandleResolverOption | undefined
  /** Asked when DNS and the well-known file name no account, also when they could not be asked. */
  readonly fallbackResolver?: HandleResolverOption | undefined
  /** Called when `resolveTxt` fails in another way than a DNS look-up does. */
  readonly warn?: ((message: string) => void) | undefined
  /**
   * Without it, nothing is cached. Clients may share it only if they use the system's DNS resolver and no resolver
   * object: otherwise their answers would mix.
   */
  readonly caches?: { readonly hostLimit: UnverifiedHostLimit; readonly handles: Cache<Did> } | undefined
}

/** TLDs under which no handle may resolve (atproto.com/specs/handle, "Additional Non-Syntax Restrictions"). */
const unresolvable = /\.(alt|arpa|example|internal|invalid|local|localhost|onion)$/

/** TXT records are under this name; a longer one is no DNS name (RFC 1035 §2.3.4). */
const MAX_DNS_NAME = 253

/**
 * Resolves a handle to the DID that it claims. The claim counts only if the DID's document names the handle too.
 * Cached for five minutes.
 *
 * @throws OAuthResolverError `identity_not_found` when the handle definitely has no account; `server_unavailable` when
 *   DNS, the handle's host or a configured resolver could not be asked
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
function keyOf(handle: Handle, deps: HandleDeps): string {
  return JSON.stringify([handle, networkKey(deps), deps.handleResolver, deps.fallbackResolver])
}

async function lookUp(handle: Handle, deps: HandleDeps, options: LookupOptions): Promise<Did> {
  const { handleResolver, fallbackResolver } = deps
  if (handleResolver) {
    const did = await askResolver(handle, handleResolver, deps, options)
    if (did) return did
    throw notFound(handle)
  }
  const found = await askDnsAndHost(handle, deps, options.signal)
  if ('did' in found) return found.did
  const fallback = fallbackResolver && (await askResolver(handle, fallbackResolver, deps, options))
  if (fallback) return fallback
  // A resolver that names no account may have met the same trouble: `resolveHandle` has one answer for both.
  throw found.failures.length > 0 ? couldNotAsk(handle, found.failures) : notFound(handle, found.noFile)
}

/** An account, or why it is not certain that there is none; without failures it is, and `noFile` says why. */
type Finding =
  | { readonly did: Did }
  | { readonly failures: readonly AtprotoAuthError[]; readonly noFile: NoFile | undefined }

async function askDnsAndHost(
  handle: Handle,
  deps: HandleDeps,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const fromHost = answerOrFailure(fetchWellKnownDid(handle, deps, signal))
  // The file matters only if DNS has no answer. Until then its failure must not become an unhandled rejection.
  fromHost.catch(() => undefined)
  const failures: AtprotoAuthError[] = []
  let noFile: NoFile | undefined
  for (const pending of [askDns(handle, deps), fromHost]) {
    const answer = await pending
    if (answer instanceof AtprotoAuthError) failures.push(answer)
    else if (typeof answer === 'string') return { did: answer }
    else noFile = answer
  }
  return { failures, noFile }
}

async function answerOrFailure<T>(answer: Promise<T>): Promise<T | AtprotoAuthError> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AtprotoAuthError) return error
    throw error
  }
}

/** The DID; undefined when there is definitely none; an error when DNS could not be asked. */
async function askDns(
  handle: Handle,
  { resolveTxt, warn }: HandleDeps,
): Promise<Did | AtprotoAuthError | undefined> {
  const name = `_atproto.${handle}`
  if (name.length > MAX_DNS_NAME) return undefined
  const records = await limitTxt(resolveTxt)(name).catch((error: unknown) => {
    if (isNoRecord(error)) return []
    // Like Node's, an application's function may reject with a `code` when no name server answers: no warning then.
    if (!(error instanceof Error && 'code' in error))
      warn?.('resolveTxt failed; the well-known file was used instead.')
    return error instanceof AtprotoAuthError
      ? error
      : new AtprotoAuthError('network_error', `DNS gave no answer for ${name}.`, { cause: error })
  })
  if (records instanceof AtprotoAuthError) return records
  const claims = new Set(records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4)))
  if (claims.size > 1) {
    throw new OAuthResolverError('identity_not_found', `DNS names several accounts for the handle ${handle}.`)
  }
  const [did] = claims
  return did !== undefined && isDid(did) ? did : undefined
}

/** The message is the same for all hosts, for the visitor; what both look-ups came to is in the cause, for the log. */
function notFound(handle: Handle, noFile?: NoFile): OAuthResolverError {
  const message = `The handle ${handle} does not resolve to an account.`
  if (!noFile) return new OAuthResolverError('identity_not_found', message)
  const { reason, cause } = noFile
  const details = new AtprotoAuthError(
    'identity_not_found',
    `DNS names no account for it, and its host ${reason}.`,
    { cause },
  )
  return new OAuthResolverError('identity_not_found', message, { cause: details })
}

function couldNotAsk(handle: Handle, failures: readonly AtprotoAuthError[]): OAuthResolverError {
  const [first, second] = failures
  const status = failures.find((failure) => failure.status !== undefined)?.status
  return new OAuthResolverError('server_unavailable', `The handle ${handle} could not be looked up.`, {
    cause: second ? new AggregateError(failures, `${first?.message} ${second.message}`) : first,
    ...(status !== undefined && { status }),
  })
}
