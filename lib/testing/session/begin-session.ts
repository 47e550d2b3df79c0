/** Begins a session without a sign-in: at a test network, or with tokens that no server accepts. */
import { randomToken } from '../../crypto/derive.ts'
import { generatePrivateJwk, importSigningKey } from '../../crypto/keyset.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { isDid } from '../../identity/syntax.ts'
import type { ClientContext } from '../../oauth/context.ts'
import { createContext } from '../../oauth/create-context.ts'
import type { StoredSession } from '../../oauth/records/records-contract.ts'
import { newSessionRow } from '../../oauth/records/session-row.ts'
import type { Store } from '../../store/contract.ts'
import type { TestTokens } from '../network/network-methods.ts'
import type { TestNetwork } from '../network/test-network.ts'
import type { TestedClient } from './test-client.ts'

export interface SessionStart {
  readonly client: TestedClient
  readonly did: string
  readonly network: TestNetwork | undefined
  readonly store: Store
  readonly secrets: readonly [string, ...string[]]
  readonly sessionLifetimeMs: number
}

/** Where no server answers: for sessions that no test network knows. */
const NOWHERE = 'https://pds.invalid'

/** The context of the application's client, and the session in its store. */
export async function beginSession(
  start: SessionStart,
): Promise<{ readonly context: ClientContext; readonly session: StoredSession }> {
  const { client, did, network, store, secrets, sessionLifetimeMs } = start
  if (!isDid(did))
    throw new TypeError(`A DID was expected, such as that of testDid('alice.test'), not ${did}.`)
  const context = createContext({
    clientMetadata: client.metadata,
    keyset: client.keyset,
    store,
    secrets,
    sessionLifetimeMs,
    localNetwork: network?.localNetwork ?? { plcDirectory: NOWHERE, handleResolver: NOWHERE },
  })
  const dpopJwk = await generatePrivateJwk()
  const { jkt } = await importSigningKey(dpopJwk)
  const clientKeyId = client.keyset?.active.kid
  const [scope, clientId] = [client.grantedScope, client.metadata.client_id]
  const tokens = network
    ? await network.issueTokens({ did, scope, clientId, clientKeyId, jkt })
    : tokensOfNobody(context.now() + sessionLifetimeMs)
  const origin = network?.origin ?? NOWHERE
  const row = newSessionRow({
    did,
    pds: origin,
    server: serverAt(origin),
    tokens: { ...tokens, scope },
    key: { dpopJwk, clientKeyId },
    label: 'A test',
    now: context.now(),
  })
  return { context, session: await context.sessions.create(randomToken(), row) }
}

/** The endpoints of a test network. */
function serverAt(issuer: string): AuthorizationServer {
  return {
    issuer,
    authorizationEndpoint: `${issuer}/oauth/authorize`,
    tokenEndpoint: `${issuer}/oauth/token`,
    parEndpoint: `${issuer}/oauth/par`,
    revocationEndpoint: `${issuer}/oauth/revoke`,
  }
}

function tokensOfNobody(expiresAt: number): TestTokens {
  return { accessToken: `test-${randomToken()}`, refreshToken: `test-${randomToken()}`, expiresAt }
}
