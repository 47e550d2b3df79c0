/**
 * Prints the secrets of a session as environment variables, for a program that refreshes the tokens itself: with the
 * functions for scripts of this library, or in another language.
 */
import { ConfigurationError } from '../../errors.ts'
import type { Terminal } from '../terminal/command.ts'
import { shellQuote, toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import type { Workspace } from '../workspace/workspace.ts'

type SessionVariables = Readonly<Record<string, string>>

/** Prints the variables as lines of an .env file or as JSON. From then on, the session is not refreshed here. */
export async function printSessionVariables(
  account: Account,
  { workspace, terminal, json }: { workspace: Workspace; terminal: Terminal; json: boolean | undefined },
): Promise<void> {
  const variables = await readVariables(account, workspace)
  await workspace.accounts.put({ ...account, isShared: true })
  terminal.print(json ? toJson(variables) : toLines(variables))
  terminal.printError(
    'Warning: the output contains secrets. From now on, the program that has them refreshes this session, and this ' +
      'command line no longer does. Once the access token has expired, sign in again to go on here. "logout" ends the ' +
      'session for both.',
  )
}

/** @throws TokenRevokedError when the session has ended; ConfigurationError when it has no refresh token */
async function readVariables(account: Account, workspace: Workspace): Promise<SessionVariables> {
  const { did, sessionId, client, network } = account
  const { tokenSet, dpopJwk } = await workspace.client(client, network).exportSession(did, { sessionId })
  if (tokenSet.refresh_token === undefined)
    throw new ConfigurationError(
      'The authorization server issued no refresh token, so another program could not keep this session alive.',
    )
  const { kty, crv, x, y, d } = dpopJwk
  return {
    ATPROTO_OAUTH_REFRESH_TOKEN: tokenSet.refresh_token,
    ATPROTO_OAUTH_DPOP_PRIVATE_JWK: JSON.stringify({ kty, crv, x, y, d }),
    // The PDS, although the name says issuer: it names its authorization server, and the program will call it.
    ATPROTO_OAUTH_PDS_ISSUER: tokenSet.aud,
    ATPROTO_OAUTH_DID: did,
    ATPROTO_OAUTH_CLIENT_ID: client.client_id,
  }
}

/** Values are quoted if a shell or a parser of .env files would change them. */
function toLines(variables: SessionVariables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value) ? value : shellQuote(value)}`)
    .join('\n')
}
