/** A session without a sign-in, for code of an application that takes one. */
import { randomToken } from '../../crypto/derive.ts'
import { OAuthSession } from '../../oauth/session/session.ts'
import { createSessionTokens } from '../../oauth/tokens/session-tokens.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { TestNetwork } from '../network/test-network.ts'
import { beginSession } from './begin-session.ts'
import { readTestedApplication } from './test-client.ts'

export interface SignedInSessionOptions {
  /** Whose calls go to this network. */
  readonly network: TestNetwork
  /** Who is signed in, such as `testDid('alice.test')`. */
  readonly did: string
  /** What the session is granted; default `atproto`. */
  readonly scope?: string | undefined
}

const HOUR_MS = 60 * 60_000

/**
 * A session as `auth.requireSession()` returns it, which calls the test network. It is kept in memory, and no cookie
 * names it.
 *
 * @throws TypeError when `did` is no account of the network; ConfigurationError when the scope is wrong
 */
export async function signedInSession(options: SignedInSessionOptions): Promise<OAuthSession> {
  const { network, did, scope } = options
  const client = await readTestedApplication({ publicUrl: 'http://127.0.0.1:3000', scope })
  const { context, session } = await beginSession({
    client,
    did,
    network,
    store: createMemoryStore(),
    secrets: [randomToken()],
    sessionLifetimeMs: HOUR_MS,
  })
  return new OAuthSession(createSessionTokens(session, context), context)
}
