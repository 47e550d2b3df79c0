/** Sessions that the official Node client has stored, taken over: nobody has to sign in again for a change of library. */
import { z } from 'zod'
import { randomToken } from '../crypto/derive.ts'
import { dpopJwkSchema } from '../crypto/jwk.ts'
import { ConfigurationError, TokenRevokedError } from '../errors.ts'
import { describeServer } from '../identity/discovery.ts'
import { findHome } from '../identity/home.ts'
import { isDid } from '../identity/syntax.ts'
import type { ClientContext } from './context.ts'
import type { StoredSession } from './records.ts'

/** What its `sessionStore` was given, as JSON or text of it. */
const importedSchema = z.object({
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

/**
 * Stores such a session as one of this client's. Its tokens stay as they are; nothing is renewed.
 *
 * @throws TypeError when it is no such session; TokenRevokedError when the account has moved; ConfigurationError
 *   when the client key it began with is not configured; OAuthResolverError
 */
export async function importSession(saved: unknown, context: ClientContext): Promise<StoredSession> {
  const { dpopJwk, authMethod, tokenSet } = parse(saved)
  const { iss: issuer, sub: did } = tokenSet
  const clientKeyId = keyIdOf(authMethod?.kid, context)
  const { identity, metadata } = context
  const home = await findHome(did, URL.parse(tokenSet.aud)?.origin, identity)
  if (home.issuer !== issuer) {
    throw new TokenRevokedError(did, `The account has moved from ${issuer}: it needs a new sign-in.`)
  }
  const authMethodName = metadata.token_endpoint_auth_method
  const server = await describeServer({ issuer, pds: home.pds, authMethod: authMethodName }, identity)
  const now = context.now()
  return context.sessions.create(randomToken(), {
    version: 1,
    ...{ did, pds: home.pds, scope: tokenSet.scope, ...server },
    ...{ accessToken: tokenSet.access_token, refreshToken: tokenSet.refresh_token },
    expiresAt: tokenSet.expires_at === undefined ? undefined : Date.parse(tokenSet.expires_at),
    ...{ dpopJwk, clientKeyId, rotation: 0 },
    ...{ issuedAt: now, createdAt: now, lastUsedAt: now, verifiedAt: now },
    status: { kind: 'active' },
  })
}

function parse(saved: unknown) {
  const parsed = importedSchema.safeParse(typeof saved === 'string' ? readJson(saved) : saved)
  if (parsed.success) return parsed.data
  // Without what was found: it holds tokens.
  throw new TypeError(
    `This is no session of the official Node client: ${parsed.error.issues[0]?.path.join('.')} is not as expected.`,
  )
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A session can only be renewed with the client key it began with. */
function keyIdOf(kid: string | undefined, { keyset }: ClientContext): string | undefined {
  if (!keyset) return undefined
  if (kid === undefined) return keyset.active.kid
  if (keyset.find(kid)) return kid
  throw new ConfigurationError(`The client key ${kid}, which the session began with, is not configured.`)
}
