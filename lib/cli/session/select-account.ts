/** Selects the signed-in account that a command is for, and opens its session. */
import { AtprotoAuthError } from '../../errors.ts'
import { OAuthClient } from '../../oauth/client.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import { type Workspace, workspaceOptions } from '../workspace/workspace.ts'

/** Must be longer than MAX_LEEWAY_MS of lib/oauth/tokens/refresh.ts. */
const SHARED_MARGIN_MS = 60_000
/** A refresh token works once. If it is used twice, the server ends the session, also for the other program. */
const SHARED_MESSAGE =
  'The secrets of this session were printed with --env. Its access token has been replaced, has expired or expires ' +
  'within a minute, and the other program refreshes it. A second refresh from here would end the session for both.'

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
  if (!account.isShared) {
    const client = workspace.client(account.client, account.network)
    return { account, session: await client.restore(did, 'auto', { sessionId }) }
  }
  const refused = new AtprotoAuthError('session_ended', SHARED_MESSAGE, { did })
  // Every refresh takes this lock: also the one after the PDS refused a token that the other program has replaced.
  const requestLock = () => Promise.reject(refused)
  const client = new OAuthClient({ ...workspace.clientOptions(account.client, account.network), requestLock })
  const session = await client.restore(did, false, { sessionId })
  const { expiresAt } = await session.getTokenInfo(false)
  if (expiresAt !== undefined && expiresAt.getTime() - SHARED_MARGIN_MS <= Date.now()) throw refused
  return { account, session }
}
