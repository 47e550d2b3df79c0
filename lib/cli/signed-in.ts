/** Which of the signed-in accounts a command is for, and its session. */
import { AtprotoAuthError } from '../errors.ts'
import type { OAuthSession } from '../oauth/session.ts'
import type { Account } from './account-rows.ts'
import { type NetworkFlags, readNetwork } from './network-settings.ts'
import { type Workspace, workspaceOptions } from './workspace.ts'

export const sessionOptions = { ...workspaceOptions, did: { type: 'string' } } as const

export const SESSION_HELP =
  '  --did DID|HANDLE         which account, when several are signed in; default whoever signed in last'

interface SessionFlags extends NetworkFlags {
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
  const others = accounts.length > 0 ? ' "next-atproto-auth accounts" lists who is.' : ''
  throw new AtprotoAuthError('session_ended', `${wanted ?? 'Nobody'} is not signed in here.${others}`)
}

/**
 * The session of the account that is meant, its tokens renewed if need be.
 *
 * @throws TokenRevokedError when it is over; what `OAuthClient.restore` throws
 */
export async function openSession(
  flags: SessionFlags,
  workspace: Workspace,
): Promise<{ readonly account: Account; readonly session: OAuthSession }> {
  const account = await findAccount(flags, workspace)
  const client = workspace.client(account.client, readNetwork(flags, account.network))
  const { did, sessionId } = account
  return { account, session: await client.restore(did, 'auto', { sessionId }) }
}
