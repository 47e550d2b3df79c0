/** What was typed → verified identity: DID, handle and PDS that name each other (atproto.com/specs/oauth, "Identity Authentication"). */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { type DidDeps, type DidDocument, resolveDid } from './did.ts'
import type { DiscoveryDeps } from './discovery.ts'
import { type HandleDeps, resolveHandle } from './handle.ts'
import { type Did, type Handle, isDid, parseIdentifier } from './syntax.ts'

/** Everything that identities and servers are found with. */
export type IdentityDeps = DidDeps & HandleDeps & DiscoveryDeps

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
  const { identifier, document } = await resolveDocument(input, deps, signal)
  return { identifier, did: document.did, pds: document.pds }
}

/**
 * The identity behind a handle or DID as a person typed it; behind a DID, a handle that does not lead back is
 * dropped and no error.
 *
 * @throws as `resolveAccount`
 */
export async function resolveIdentity(
  input: string,
  deps: IdentityDeps,
  signal?: AbortSignal,
): Promise<Identity> {
  const { identifier, document } = await resolveDocument(input, deps, signal)
  const { did, pds, claimedHandle } = document
  if (!isDid(identifier)) return { did, handle: identifier, pds }
  if (!claimedHandle) return { did, handle: null, pds }
  const claimed = await resolveHandle(claimedHandle, deps, signal).catch((error: unknown) => {
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  })
  return { did, handle: claimed === did ? claimedHandle : null, pds }
}

async function resolveDocument(
  input: string,
  deps: IdentityDeps,
  signal: AbortSignal | undefined,
): Promise<{ readonly identifier: Handle | Did; readonly document: DidDocument }> {
  const identifier = parseIdentifier(input)
  if (isDid(identifier)) return { identifier, document: await resolveDid(identifier, deps, signal) }

  const did = await resolveHandle(identifier, deps, signal)
  const document = await resolveDid(did, deps, signal)
  // Only the first valid handle of the document counts: an account has one handle at a time.
  if (document.claimedHandle === identifier) return { identifier, document }
  // What is remembered may be older than the account's handle: nobody is refused for that.
  if (deps.memory && !deps.fresh) return resolveDocument(input, { ...deps, fresh: true }, signal)
  throw new OAuthResolverError('identity_not_found', `${did} does not go by the handle ${identifier}.`, {
    did,
  })
}
