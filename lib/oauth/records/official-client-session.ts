/**
 * Sessions that the official Node client has stored. What this client needs besides is asked of the authorization
 * server, or begins anew.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import { type AuthorizationServer, describeServer } from '../../identity/discovery.ts'
import { isDid } from '../../identity/syntax.ts'
import type { ClientContext } from '../context.ts'
import type { SessionRow, StoredSession } from './records.ts'

/** What its `sessionStore` is given. */
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
export interface Known {
  /** Origin of the PDS. */
  readonly pds: string
  readonly server: AuthorizationServer
  readonly clientKeyId: string | undefined
  /** Epoch milliseconds from which its lifetimes count. */
  readonly now: number
}

/** The session as a row of this client, with its tokens as they are. */
export function rowOf({ dpopJwk, tokenSet }: OfficialSession, known: Known): SessionRow {
  const { pds, server, clientKeyId, now } = known
  return {
    version: 1,
    ...{ did: tokenSet.sub, pds, scope: tokenSet.scope, ...server },
    ...{ accessToken: tokenSet.access_token, refreshToken: tokenSet.refresh_token },
    expiresAt: endOf(tokenSet),
    ...{ dpopJwk, clientKeyId, rotation: 0 },
    ...{ issuedAt: now, createdAt: now, lastUsedAt: now, verifiedAt: now },
    status: { kind: 'active' },
  }
}

/**
 * The session that a `sessionStore` holds from that client; undefined when it is none. The store may go on being
 * written by both while an application changes over.
 *
 * @throws OAuthResolverError when the authorization server could not be asked
 */
export async function readOfficialSession(
  value: unknown,
  { identity, metadata, keyset, now }: Pick<ClientContext, 'identity' | 'metadata' | 'keyset' | 'now'>,
): Promise<StoredSession | undefined> {
  const parsed = officialSessionSchema.safeParse(value)
  const pds = parsed.data && URL.parse(parsed.data.tokenSet.aud)?.origin
  if (!parsed.success || pds === undefined) return undefined
  const { authMethod, tokenSet } = parsed.data
  const expected = { issuer: tokenSet.iss, pds, authMethod: metadata.token_endpoint_auth_method }
  const server = await describeServer(expected, identity)
  const clientKeyId = authMethod?.kid ?? keyset?.active.kid
  const row = rowOf(parsed.data, { pds, server, clientKeyId, now: now() })
  // That client counts nothing. The end of its token grows with each renewal, and is more than anybody counts to.
  const generation = row.expiresAt ?? 0
  // Where the account is at home has not been looked up here.
  return { id: row.did, row: { ...row, rotation: generation, verifiedAt: 0 }, generation }
}

function endOf({ expires_at }: OfficialSession['tokenSet']): number | undefined {
  return expires_at === undefined ? undefined : Date.parse(expires_at)
}
