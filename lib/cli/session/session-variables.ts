/**
 * A session's secrets as environment variables, for a program that renews its tokens by itself: with the functions
 * for scripts of this library, or in another language.
 */
import { ConfigurationError, TokenRevokedError } from '../../errors.ts'
import type { Terminal } from '../terminal/command.ts'
import { shellQuote, toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/account-rows.ts'
import type { Workspace } from '../workspace/workspace.ts'

type Credentials = Readonly<Record<string, string>>

/** Prints them, as lines of an .env file or as JSON; from then on the session is not renewed here. */
export async function printCredentials(
  account: Account,
  { workspace, terminal, json }: { workspace: Workspace; terminal: Terminal; json: boolean | undefined },
): Promise<void> {
  const credentials = await readCredentials(account, workspace)
  await workspace.accounts.put({ ...account, isShared: true })
  terminal.print(json ? toJson(credentials) : toLines(credentials))
  terminal.complain(
    'Warning: secrets were printed. From now on whoever has them renews this session, and nothing is renewed here: ' +
      'once its access token has ended, sign in again to go on here. "logout" ends it for both.',
  )
}

/** @throws TokenRevokedError when the session is over; ConfigurationError when it cannot be renewed */
async function readCredentials(account: Account, workspace: Workspace): Promise<Credentials> {
  const { did, sessionId, client, network } = account
  // A refresh under way would make what is read here worthless.
  await workspace.settle()
  const session = await workspace.client(client, network).exportSession(sessionId)
  if (!session) throw new TokenRevokedError(did, 'The session has ended.')
  const { tokenSet, dpopJwk } = session
  if (tokenSet.refresh_token === undefined)
    throw new ConfigurationError(
      'The server gave no refresh token: there is nothing for a program to live on.',
    )
  const { kty, crv, x, y, d } = dpopJwk
  return {
    ATPROTO_OAUTH_REFRESH_TOKEN: tokenSet.refresh_token,
    ATPROTO_OAUTH_DPOP_PRIVATE_JWK: JSON.stringify({ kty, crv, x, y, d }),
    // The PDS: it names its authorization server, and it is what the program will call.
    ATPROTO_OAUTH_PDS_ISSUER: tokenSet.aud,
    ATPROTO_OAUTH_DID: did,
    ATPROTO_OAUTH_CLIENT_ID: client.client_id,
  }
}

/** In quotes where a shell or a parser of .env files would read something else. */
function toLines(credentials: Credentials): string {
  return Object.entries(credentials)
    .map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value) ? value : shellQuote(value)}`)
    .join('\n')
}
