/** Selects the signed-in account that a command is for, and opens its session. */
import { AtprotoAuthError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import { type Workspace, workspaceOptions } from '../workspace/workspace.ts'

export const sessionOptions = { ...workspaceOptions, did: { type: 'string' } } as const

export const SESSION_HELP =
  '  --did DID|HANDLE         the account to use; default the one that signed in last'

interface SessionFlags {
  readonly did?: string | undefined
}

/** Returns the name of an account for a sentence: its handle and DID, or its DID only. */
export function nameOf({ did, handle }: Pick<Account, 'did' | 'handle'>): string {
  return handle === null ? did : `${handle} (${did})`
}

/**
 * Finds the account that `--did` names, or the one that signed in last.
 *
 * @throws AtprotoAuthError `session_ended` when no account, or no such account, is signed in
 */
export async function findAccount({ did: wanted }: SessionFlags, workspace: Workspace): Promise<Account> {
  const accounts = await workspace.accounts.list()
  const name = wanted?.replace(/^@/, '').toLowerCase()
  const account = accounts.find(({ did, handle }) => name === undefined || did === name || handle === name)
  if (account) return account
  if (accounts.length === 0) throw new AtprotoAuthError('session_ended', 'No account is signed in here.')
  throw new AtprotoAuthError('session_ended', `The account ${wanted} is not signed in here.`)
}

/**
 * Opens the session of the selected account and refreshes its tokens if necessary.
 *
 * @throws TokenRevokedError when the session is over; AtprotoAuthError `session_ended` when another program refreshes
 *   it; what `OAuthClient.restore` throws
 */
export async function openSession(
  flags: SessionFlags,
  workspace: Workspace,
): Promise<{ readonly account: Account; readonly session: OAuthSession }> {
  const account = await findAccount(flags, workspace)
  const { did, sessionId } = account
  const client = workspace.client(account.client, account.network)
  const session = await client.restore(did, account.isShared ? false : 'auto', { sessionId })
  if (account.isShared) await refuseExpired(session)
  return { account, session }
}

/** Must be longer than MAX_LEEWAY_MS of lib/oauth/tokens/refresh.ts. */
const SHARED_MARGIN_MS = 60_000

/** A refresh token works once. If it is used twice, the server ends the session, also for the other program. */
async function refuseExpired(session: OAuthSession): Promise<void> {
  const { expiresAt } = await session.getTokenInfo(false)
  if (expiresAt === undefined || expiresAt.getTime() - SHARED_MARGIN_MS > Date.now()) return
  const message =
    'The secrets of this session were printed with --env. Its access token has expired or expires within ' +
    'a minute, and the other program refreshes it. A second refresh from here would end the session for both.'
  throw new AtprotoAuthError('session_ended', message, { did: session.did })
}
