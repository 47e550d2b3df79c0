/** Sessions that the official Node client has stored, taken over: nobody has to sign in again for a change of library. */
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey } from '../../crypto/keyset.ts'
import { ConfigurationError, TokenRevokedError } from '../../errors.ts'
import { describeServer } from '../../identity/discovery.ts'
import { findHome } from '../../identity/resolve-issuer.ts'
import type { ClientContext } from '../context.ts'
import { type OfficialSession, officialSessionSchema, rowOf } from '../records/official-client-session.ts'
import type { StoredSession } from '../records/records.ts'

/**
 * Stores such a session as one of this client's. Its tokens stay as they are; nothing is renewed.
 *
 * @throws TypeError when it is no such session; TokenRevokedError when the account has moved; ConfigurationError
 *   when the client key it began with is not configured; OAuthResolverError
 */
export async function importSession(value: unknown, context: ClientContext): Promise<StoredSession> {
  const saved = await parse(value)
  const { authMethod, tokenSet } = saved
  const { iss: issuer, sub: did } = tokenSet
  const clientKeyId = keyIdOf(authMethod?.kid, context)
  const { identity, metadata } = context
  const home = await findHome(did, URL.parse(tokenSet.aud)?.origin, identity)
  if (home.issuer !== issuer) {
    throw new TokenRevokedError(did, `The account has moved from ${issuer}: it needs a new sign-in.`)
  }
  const authMethodName = metadata.token_endpoint_auth_method
  const server = await describeServer({ issuer, pds: home.pds, authMethod: authMethodName }, identity)
  const known = { pds: home.pds, server, clientKeyId, now: context.now() }
  const session = await context.sessions.create(randomToken(), rowOf(saved, known))
  context.events.updated(session)
  return session
}

async function parse(value: unknown): Promise<OfficialSession> {
  const parsed = officialSessionSchema.safeParse(typeof value === 'string' ? readJson(value) : value)
  if (!parsed.success) throw notAsExpected(parsed.error.issues[0]?.path.join('.'))
  // Whether both halves belong together shows only now; later it would show in the middle of a refresh.
  await importSigningKey(parsed.data.dpopJwk).catch(() => {
    throw notAsExpected('dpopJwk')
  })
  return parsed.data
}

/** Without what was found: it holds tokens. */
function notAsExpected(field: string | undefined): TypeError {
  return new TypeError(`This is no session of the official Node client: ${field} is not as expected.`)
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
  if (kid === undefined) return keyset?.active.kid
  if (keyset?.find(kid)) return kid
  throw new ConfigurationError(`The client key ${kid}, which the session began with, is not configured.`)
}
