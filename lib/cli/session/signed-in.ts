/** Which of the signed-in accounts a command is for, and its session. */
import { AtprotoAuthError } from '../../errors.ts'
import type { OAuthSession } from '../../oauth/session/session.ts'
import type { Account } from '../workspace/account-rows.ts'
import { type Workspace, workspaceOptions } from '../workspace/workspace.ts'

export const sessionOptions = { ...workspaceOptions, did: { type: 'string' } } as const

export const SESSION_HELP =
  '  --did DID|HANDLE         which account, when several are signed in; default whoever signed in last'

interface SessionFlags {
  readonly did?: string | undefined
}

/** How an account is called in a sentence. */
export function nameOf({ did, handle }: Pick<Account, 'did' | 'handle'>): string {
  return handle === null ? did : `${handle} (${did})`
}

/**
 * The account that is meant.
 *
 * @throws AtprotoAuthError `session_ended` when nobody, or nobody of that name, is signed in
 */
export async function findAccount({ did: wanted }: SessionFlags, workspace: Workspace): Promise<Account> {
  const accounts = await workspace.accounts.list()
  const name = wanted?.replace(/^@/, '').toLowerCase()
  const account = accounts.find(({ did, handle }) => name === undefined || did === name || handle === name)
  if (account) return account
  if (accounts.length === 0) throw new AtprotoAuthError('session_ended', 'Nobody is signed in here.')
  throw new AtprotoAuthError('session_ended', `${wanted} is not among the accounts that are signed in here.`)
}

/**
 * The session of the account that is meant, its tokens renewed if need be.
 *
 * @throws TokenRevokedError when it is over; AtprotoAuthError `session_ended` when another program renews it; what
 *   `OAuthClient.restore` throws
 */
export async function openSession(
  flags: SessionFlags,
  workspace: Workspace,
): Promise<{ readonly account: Account; readonly session: OAuthSession }> {
  const account = await findAccount(flags, workspace)
  const { did, sessionId } = account
  const client = workspace.client(account.client, account.network)
  const session = await client.restore(did, account.isShared ? false : 'auto', { sessionId })
  if (account.isShared) await refuseRenewal(session)
  return { account, session }
}

/** Longer than before its end any token is renewed. */
const SHARED_MARGIN_MS = 60_000

/** A refresh token serves once, and a server that sees one again ends the session: for its other owner too. */
async function refuseRenewal(session: OAuthSession): Promise<void> {
  const { expiresAt } = await session.getTokenInfo(false)
  if (expiresAt === undefined || expiresAt.getTime() - SHARED_MARGIN_MS > Date.now()) return
  const message =
    'The secrets of this session were printed with --env. Its access token has ended, and whoever has the secrets ' +
    'renews it: a second renewal, from here, would end the session for both.'
  throw new AtprotoAuthError('session_ended', message, { did: session.did })
}
