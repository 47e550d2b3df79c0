/** DID → PDS → issuer, looked up anew: where a token hangs on it (atproto.com/specs/oauth, "Identity Authentication"). */
import { resolveDid } from './did.ts'
import { discoverIssuer } from './discovery.ts'
import type { IdentityDeps } from './resolve.ts'
import type { Did } from './syntax.ts'

/** Where an account is at home. */
export interface Home {
  /** Origin of the PDS. */
  readonly pds: string
  /** Of the authorization server that the PDS names. */
  readonly issuer: string
}

/**
 * The home of an account as its DID document and its PDS say now, whatever is remembered.
 *
 * @param lastPds where it was last seen at home: asked at the same time as the directory, which saves a round
 *   trip for an account that has not moved
 * @throws OAuthResolverError as `resolveDid` and `discoverIssuer`
 */
export async function findHome(did: Did, lastPds: string | undefined, deps: IdentityDeps): Promise<Home> {
  const anew = { ...deps, fresh: true }
  const notNeeded = new AbortController()
  const ahead = lastPds === undefined ? undefined : askAhead(lastPds, anew, notNeeded.signal)
  try {
    const { pds } = await resolveDid(did, anew)
    const issuer = await (ahead && pds === lastPds ? ahead : discoverIssuer(pds, anew))
    return { pds, issuer }
  } finally {
    notNeeded.abort()
  }
}

function askAhead(pds: string, deps: IdentityDeps, signal: AbortSignal): Promise<string> {
  // No stranger's choice: it was verified when our own row was written.
  deps.memory?.hosts.trust(new URL(pds).hostname)
  const issuer = discoverIssuer(pds, deps, signal)
  // What it fails with counts only where the document still names this PDS.
  issuer.catch(() => undefined)
  return issuer
}
