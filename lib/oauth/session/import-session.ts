/** Taking over sessions that the official Node client has stored, so that a change of library signs no one out. */
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey, type Keyset } from '../../crypto/keyset.ts'
import { ConfigurationError, TokenRevokedError } from '../../errors.ts'
import { describeServer } from '../../identity/discover-server.ts'
import type { IdentityDeps } from '../../identity/resolve-account.ts'
import { resolveIssuer } from '../../identity/resolve-issuer.ts'
import type { ClientMetadata } from '../client-metadata/build.ts'
import { type OfficialSession, officialSessionSchema, rowOf } from '../records/official-client-session.ts'
import type { SessionRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'

export interface ImportDeps {
  readonly metadata: ClientMetadata
  readonly keyset: Keyset | undefined
  readonly identity: IdentityDeps
  readonly sessions: Pick<SessionRecords, 'create'>
  readonly events: Pick<SessionEvents, 'updated'>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/**
 * Stores such a session as one of this client's. Its tokens stay as they are and are not refreshed.
 *
 * @throws TypeError when it is no such session; TokenRevokedError when the account has moved; ConfigurationError
 *   when the client key it began with is not configured; OAuthResolverError
 */
export async function importSession(value: unknown, deps: ImportDeps): Promise<StoredSession> {
  const saved = await parse(value)
  const { authMethod, tokenSet } = saved
  const { iss: issuer, sub: did } = tokenSet
  const clientKeyId = keyIdOf(authMethod?.kid, deps.keyset)
  const current = await resolveIssuer(did, URL.parse(tokenSet.aud)?.origin, deps.identity)
  if (current.issuer !== issuer) {
    throw new TokenRevokedError(did, `The account has moved away from ${issuer}: it needs a new sign-in.`)
  }
  const { pds } = current
  const expected = { issuer, pds, authMethod: deps.metadata.token_endpoint_auth_method }
  const server = await describeServer(expected, deps.identity)
  const row = rowOf(saved, { pds, server, clientKeyId, now: deps.now() })
  const session = await deps.sessions.create(randomToken(), row)
  deps.events.updated(session)
  return session
}

async function parse(value: unknown): Promise<OfficialSession> {
  const parsed = officialSessionSchema.safeParse(typeof value === 'string' ? readJson(value) : value)
  if (!parsed.success) throw notAsExpected(parsed.error.issues[0]?.path.join('.'))
  // A key whose halves do not belong together is found out here rather than in the middle of a refresh.
  await importSigningKey(parsed.data.dpopJwk).catch(() => {
    throw notAsExpected('dpopJwk')
  })
  return parsed.data
}

/** The message does not quote what was found: it holds tokens. */
function notAsExpected(field: string | undefined): TypeError {
  return new TypeError(`This is not a session of the official Node client: ${field} is not as expected.`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A session can only be refreshed with the client key it began with. */
function keyIdOf(kid: string | undefined, keyset: Keyset | undefined): string | undefined {
  if (kid === undefined) return keyset?.active.kid
  if (keyset?.find(kid)) return kid
  throw new ConfigurationError(`The client key ${kid}, which the session began with, is not configured.`)
}
