/**
 * DID → PDS → issuer, without cached answers, because tokens depend on it (atproto.com/specs/oauth, "Identity
 * Authentication").
 */
import { discoverIssuer } from './discover-server.ts'
import type { IdentityDeps } from './resolve-account.ts'
import { resolveDid } from './resolve-did.ts'
import type { Did } from './syntax.ts'

/** The servers of an account. */
export interface AccountServers {
  /** Origin of the PDS. */
  readonly pds: string
  /** Issuer of the authorization server that the PDS names. */
  readonly issuer: string
}

/**
 * Resolves the PDS and the issuer of an account as its DID document and its PDS name them now.
 *
 * @param lastPds the PDS the account had last time. It is asked in parallel with the DID directory, which saves a round
 *   trip for an account that has not moved.
 * @throws OAuthResolverError as `resolveDid` and `discoverIssuer`
 */
export async function resolveIssuer(
  did: Did,
  lastPds: string | undefined,
  deps: IdentityDeps,
): Promise<AccountServers> {
  const notNeeded = new AbortController()
  const ahead = lastPds === undefined ? undefined : askAhead(lastPds, deps, notNeeded.signal)
  try {
    const { pds } = await resolveDid(did, deps, { fresh: true })
    const issuer = await (ahead && pds === lastPds ? ahead : discoverIssuer(pds, deps, { fresh: true }))
    return { pds, issuer }
  } finally {
    notNeeded.abort()
  }
}

function askAhead(pds: string, deps: IdentityDeps, signal: AbortSignal): Promise<string> {
  // This host was not just typed by someone: it was verified when the session or sign-in was stored.
  deps.caches?.hostLimit.markVerified(new URL(pds).hostname)
  const issuer = discoverIssuer(pds, deps, { fresh: true, signal })
  // A failure matters only if the document still names this PDS.
  issuer.catch(() => undefined)
  return issuer
}
