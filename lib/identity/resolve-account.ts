/**
 * Typed text → verified identity: DID, handle and PDS that name each other (atproto.com/specs/oauth, "Identity
 * Authentication").
 */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { networkKey } from '../net/address-policy.ts'
import type { Cache, LookupOptions } from './cache.ts'
import type { DiscoveryDeps } from './discover-server.ts'
import { type DidDeps, resolveDid } from './resolve-did.ts'
import { type HandleDeps, resolveHandle } from './resolve-handle.ts'
import { type Did, type Handle, isDid, parseIdentifier } from './syntax.ts'

/** The dependencies of all look-ups of identities and servers. */
export type IdentityDeps = DidDeps &
  HandleDeps &
  DiscoveryDeps & {
    /** Without it, nothing is cached. */
    readonly caches?: { readonly rechecks: Cache<Identity> } | undefined
  }

/** An account, as the user named it. */
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
  /** Null when the account has no handle, or its handle does not resolve to this DID. */
  readonly handle: Handle | null
  /** Origin of the PDS. */
  readonly pds: string
}

/**
 * Resolves a handle or DID that a user typed to an account. A handle is verified both ways; for a DID no handle is
 * looked up.
 *
 * @throws AtprotoAuthError `invalid_identifier` for bad syntax; OAuthResolverError `identity_not_found`, also when
 *   handle and DID do not name each other; `server_unavailable` when the directory is down
 */
export async function resolveAccount(
  input: string,
  deps: IdentityDeps,
  options: LookupOptions = {},
): Promise<Account> {
  const identifier = parseIdentifier(input)
  const { did, pds } = isDid(identifier)
    ? await resolveDid(identifier, deps, options)
    : await resolveByHandle(identifier, deps, options)
  return { identifier, did, pds }
}

/**
 * Resolves a handle or DID that a user typed to an identity. For a DID, a handle that does not resolve to the account
 * is left out and causes no error.
 *
 * @throws as `resolveAccount`, and `server_unavailable` when a configured resolver is down
 */
export async function resolveIdentity(
  input: string,
  deps: IdentityDeps,
  options: LookupOptions = {},
): Promise<Identity> {
  const identifier = parseIdentifier(input)
  return isDid(identifier)
    ? lookUpAndRecheck(identifier, deps, options)
    : resolveByHandle(identifier, deps, options)
}

async function resolveByHandle(
  handle: Handle,
  deps: IdentityDeps,
  options: LookupOptions,
): Promise<Identity> {
  const identity = await lookUpAndRecheck(handle, deps, options)
  if (identity.handle !== null) return identity
  const { did } = identity
  throw new OAuthResolverError(
    'identity_not_found',
    `The handle ${handle} resolves to ${did}, but the account does not use this handle.`,
    { did },
  )
}

/**
 * A cached answer may be older than the account's current handle. If handle and DID do not match, they are looked up
 * once more before anyone is refused. That second result is cached for half a minute, so that repeated attempts cause
 * no further requests.
 */
async function lookUpAndRecheck(
  identifier: Handle | Did,
  deps: IdentityDeps,
  options: LookupOptions,
): Promise<Identity> {
  const { caches, now, plcDirectory, handleResolver, fallbackResolver } = deps
  const identity = await lookUp(identifier, deps, options)
  if (identity.handle !== null || !caches || options.fresh) return identity
  const key = JSON.stringify([identifier, plcDirectory, networkKey(deps), handleResolver, fallbackResolver])
  const recheck = () => lookUp(identifier, deps, { fresh: true })
  return caches.rechecks.recall(key, recheck, { now, signal: options.signal })
}

/** The identity; its handle is null when handle and DID do not name each other. */
async function lookUp(
  identifier: Handle | Did,
  deps: IdentityDeps,
  options: LookupOptions,
): Promise<Identity> {
  const found = isDid(identifier) ? identifier : await resolveHandle(identifier, deps, options)
  const { did, pds, claimedHandle } = await resolveDid(found, deps, options)
  if (claimedHandle === undefined) return { did, handle: null, pds }
  // Only the first valid handle of the document counts: an account has one handle at a time.
  const isConfirmed = isDid(identifier)
    ? await resolvesTo(did, claimedHandle, deps, options)
    : claimedHandle === identifier
  return { did, handle: isConfirmed ? claimedHandle : null, pds }
}

async function resolvesTo(
  did: Did,
  handle: Handle,
  deps: IdentityDeps,
  options: LookupOptions,
): Promise<boolean> {
  try {
    return (await resolveHandle(handle, deps, options)) === did
  } catch (error) {
    // The handle does not resolve. A resolver that is down says nothing about the handle.
    if (error instanceof AtprotoAuthError && !error.retryable) return false
    throw error
  }
}
