/**
 * Sessions that the official Node client has stored. What this client needs in addition comes from the authorization
 * server's metadata, or starts from now.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import type { AuthMethod } from '../../identity/check-server-metadata.ts'
import { describeServer } from '../../identity/discover-server.ts'
import type { IdentityDeps } from '../../identity/resolve-account.ts'
import { isDid } from '../../identity/syntax.ts'
import type { StoredSession } from './records-contract.ts'
import { newSessionRow, type SessionRow } from './session-row.ts'

/** A session as that client gives it to its `sessionStore`. */
export const officialSessionSchema = z.object({
  dpopJwk: dpopJwkSchema,
  // Older releases say `legacy`, or nothing.
  authMethod: z.object({ kid: z.string().optional() }).optional().catch(undefined),
  tokenSet: z.object({
    iss: z.string(),
    sub: z.string().refine(isDid),
    aud: z.string(),
    scope: z.string(),
    access_token: z.string().min(1),
    refresh_token: z.string().min(1).optional(),
    expires_at: z.iso.datetime().optional(),
  }),
})
export type OfficialSession = z.infer<typeof officialSessionSchema>

/** What such a session does not say. */
export interface Supplement {
  /** Origin of the PDS. */
  readonly pds: string
  readonly server: AuthorizationServer
  readonly clientKeyId: string | undefined
  /** Epoch milliseconds from which its lifetimes count. */
  readonly now: number
}

/** The session as a row of this client, with its tokens as they are. */
export function rowOf({ dpopJwk, tokenSet }: OfficialSession, supplement: Supplement): SessionRow {
  const { pds, server, clientKeyId, now } = supplement
  const { sub: did, scope, access_token: accessToken, refresh_token: refreshToken, expires_at } = tokenSet
  const expiresAt = expires_at === undefined ? undefined : Date.parse(expires_at)
  const tokens = { scope, accessToken, refreshToken, expiresAt }
  return newSessionRow({ did, pds, server, tokens, key: { dpopJwk, clientKeyId }, now })
}

/** What reading such sessions needs of the client. */
export interface OfficialSessionDeps {
  readonly identity: IdentityDeps
  readonly metadata: { readonly token_endpoint_auth_method: AuthMethod }
  readonly keyset: Keyset | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * The session in a value that the official client has stored; undefined when it is no such value. Both clients may
 * write the same store while an application changes over.
 *
 * @throws OAuthResolverError when the authorization server could not be asked
 */
export async function readOfficialSession(
  value: unknown,
  { identity, metadata, keyset, now }: OfficialSessionDeps,
): Promise<StoredSession | undefined> {
  const parsed = officialSessionSchema.safeParse(value)
  const pds = parsed.data && URL.parse(parsed.data.tokenSet.aud)?.origin
  if (!parsed.success || pds === undefined) return undefined
  const { authMethod, tokenSet } = parsed.data
  const expected = { issuer: tokenSet.iss, pds, authMethod: metadata.token_endpoint_auth_method }
  const server = await describeServer(expected, identity)
  const clientKeyId = authMethod?.kid ?? keyset?.active.kid
  const { account, tokens, ...row } = rowOf(parsed.data, { pds, server, clientKeyId, now: now() })
  // The official client keeps no counter, so the token's expiry time serves as the generation: it grows with each
  // refresh, and is larger than any counter of this library.
  const generation = tokens.expiresAt ?? 0
  return {
    id: account.did,
    // It was not looked up here whether the issuer still serves the account.
    row: { ...row, account: { ...account, verifiedAt: 0 }, tokens: { ...tokens, rotation: generation } },
    generation,
  }
}
