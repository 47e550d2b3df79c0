/** What was typed → verified identity: DID, handle and PDS that name each other (atproto.com/specs/oauth, "Identity Authentication"). */
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { type DidDeps, resolveDid } from './did.ts'
import { type HandleDeps, resolveHandle } from './handle.ts'
import { type Did, type Handle, isDid, parseIdentifier } from './syntax.ts'

export type IdentityDeps = DidDeps & HandleDeps

/** An account whose handle, if any, was verified both ways. */
export interface Identity {
  readonly did: Did
  /** Null when the account's handle does not lead back to it. */
  readonly handle: Handle | null
  /** Origin of the PDS. */
  readonly pds: string
}

/**
 * The identity behind a handle or DID as a person typed it.
 *
 * @throws AtprotoAuthError `invalid_identifier` for bad syntax; OAuthResolverError `identity_not_found`,
 *   also when handle and DID do not name each other; `server_unavailable` when the directory is down
 */
export async function resolveIdentity(
  input: string,
  deps: IdentityDeps,
  signal?: AbortSignal,
): Promise<Identity> {
  const identifier = parseIdentifier(input)
  if (isDid(identifier)) return resolveAccount(identifier, deps, signal)

  const did = await resolveHandle(identifier, deps, signal)
  const document = await resolveDid(did, deps, signal)
  // Only the first valid handle of the document counts: an account has one handle at a time.
  if (document.claimedHandle !== identifier) {
    throw new OAuthResolverError('identity_not_found', `${did} does not go by the handle ${identifier}.`, {
      did,
    })
  }
  return { did, handle: identifier, pds: document.pds }
}

/** The identity behind a DID; a handle that does not lead back is dropped, not an error. */
async function resolveAccount(did: Did, deps: IdentityDeps, signal?: AbortSignal): Promise<Identity> {
  const { claimedHandle, pds } = await resolveDid(did, deps, signal)
  if (!claimedHandle) return { did, handle: null, pds }
  const claimed = await resolveHandle(claimedHandle, deps, signal).catch((error: unknown) => {
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  })
  return { did, handle: claimed === did ? claimedHandle : null, pds }
}
