/** What was typed → verified identity: DID, handle and PDS that name each other (atproto.com/specs/oauth, "Identity Authentication"). */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import type { Cache } from './cache.ts'
import { type DidDeps, resolveDid } from './did.ts'
import type { DiscoveryDeps } from './discovery.ts'
import { type HandleDeps, resolveHandle } from './handle.ts'
import { type Did, type Handle, isDid, parseIdentifier } from './syntax.ts'

/** Everything that identities and servers are found with. */
export type IdentityDeps = DidDeps &
  HandleDeps &
  DiscoveryDeps & {
    /** Left out: nothing is remembered. */
    readonly memory?: { readonly secondLooks: Cache<Identity> } | undefined
  }

/** An account, as the person named it. */
export interface Account {
  /** The handle or DID that was typed, in canonical form. */
  readonly identifier: Handle | Did
  readonly did: Did
  /** Origin of the PDS. */
  readonly pds: string
}

/** An account whose handle, if any, was verified both ways. */
export interface Identity {
  readonly did: Did
  /** Null when the account's handle does not lead back to it. */
  readonly handle: Handle | null
  /** Origin of the PDS. */
  readonly pds: string
}

/**
 * The account behind a handle or DID as a person typed it; a handle is verified both ways. For a DID no handle is
 * looked up.
 *
 * @throws AtprotoAuthError `invalid_identifier` for bad syntax; OAuthResolverError `identity_not_found`,
 *   also when handle and DID do not name each other; `server_unavailable` when the directory is down
 */
export async function resolveAccount(
  input: string,
  deps: IdentityDeps,
  signal?: AbortSignal,
): Promise<Account> {
  const identifier = parseIdentifier(input)
  const { did, pds } = isDid(identifier)
    ? await resolveDid(identifier, deps, signal)
    : await resolveByHandle(identifier, deps, signal)
  return { identifier, did, pds }
}

/**
 * The identity behind a handle or DID as a person typed it; behind a DID, a handle that does not lead back is
 * dropped and no error.
 *
 * @throws as `resolveAccount`, and `server_unavailable` when a configured resolver is down
 */
export async function resolveIdentity(
  input: string,
  deps: IdentityDeps,
  signal?: AbortSignal,
): Promise<Identity> {
  const identifier = parseIdentifier(input)
  return isDid(identifier) ? lookTwice(identifier, deps, signal) : resolveByHandle(identifier, deps, signal)
}

async function resolveByHandle(
  handle: Handle,
  deps: IdentityDeps,
  signal: AbortSignal | undefined,
): Promise<Identity> {
  const identity = await lookTwice(handle, deps, signal)
  if (identity.handle !== null) return identity
  const { did } = identity
  throw new OAuthResolverError('identity_not_found', `${did} does not go by the handle ${handle}.`, { did })
}

/**
 * What is remembered may be older than the account's handle: nobody is refused for that. The second look counts for
 * half a minute, since the visitor's word alone makes its requests.
 */
async function lookTwice(
  identifier: Handle | Did,
  deps: IdentityDeps,
  signal: AbortSignal | undefined,
): Promise<Identity> {
  const { memory, now, plcDirectory, allowLoopback, handleResolver, fallbackResolver } = deps
  const identity = await look(identifier, deps, signal)
  if (identity.handle !== null || !memory || deps.fresh) return identity
  const key = JSON.stringify([identifier, plcDirectory, allowLoopback, handleResolver, fallbackResolver])
  return memory.secondLooks.recall(key, () => look(identifier, { ...deps, fresh: true }), { now, signal })
}

/** The identity; its handle is null when handle and DID do not name each other. */
async function look(identifier: Handle | Did, deps: IdentityDeps, signal?: AbortSignal): Promise<Identity> {
  const found = isDid(identifier) ? identifier : await resolveHandle(identifier, deps, signal)
  const { did, pds, claimedHandle } = await resolveDid(found, deps, signal)
  if (claimedHandle === undefined) return { did, handle: null, pds }
  // Only the first valid handle of the document counts: an account has one handle at a time.
  const leadsBack = isDid(identifier)
    ? await leadsTo(did, claimedHandle, deps, signal)
    : claimedHandle === identifier
  return { did, handle: leadsBack ? claimedHandle : null, pds }
}

async function leadsTo(
  did: Did,
  handle: Handle,
  deps: IdentityDeps,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return (await resolveHandle(handle, deps, signal)) === did
  } catch (error) {
    // Nobody answers to it. A resolver that is down says nothing of the handle.
    if (error instanceof AtprotoAuthError && !error.retryable) return false
    throw error
  }
}
