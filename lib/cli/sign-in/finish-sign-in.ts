/** The end of both ways to sign in: the account is noted, and the person is told. */
import type { OAuthSession } from '../../oauth/session/session.ts'
import { printCredentials } from '../session/session-variables.ts'
import { nameOf } from '../session/signed-in.ts'
import type { Terminal } from '../terminal/command.ts'
import { toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/account-rows.ts'
import type { SignIn } from '../workspace/sign-in-rows.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Notes the account of a new session; the session that it had here before is ended. */
export async function keepAccount(
  session: OAuthSession,
  { client, network }: Pick<SignIn, 'client' | 'network'>,
  workspace: Workspace,
): Promise<Account> {
  const { did, id: sessionId } = session
  const previous = (await workspace.accounts.list()).find((account) => account.did === did)
  const account: Account = {
    version: 1,
    ...{ did, sessionId, client, network },
    // A name to show, nothing hangs on it: a sign-in does not fail for a handle that cannot be verified.
    handle: await session.getHandle().catch(() => null),
    signedInAt: Date.now(),
    isShared: false,
  }
  await workspace.accounts.put(account)
  if (previous) await endPrevious(previous, workspace)
  return account
}

/** Nobody here can reach it any more. One whose tokens were printed may be another program's life. */
async function endPrevious({ did, sessionId, client, network, isShared }: Account, workspace: Workspace) {
  if (isShared) return
  // The new session is what was asked for; the old one ends by itself if it cannot be ended now.
  await workspace
    .client(client, network)
    .revoke(did, { sessionId })
    .catch(() => undefined)
}

/** Tells who signed in and where the session is; with `env` it prints the secrets instead. */
export async function reportSignIn(
  account: Account,
  session: OAuthSession,
  options: {
    readonly workspace: Workspace
    readonly terminal: Terminal
    readonly flags: { readonly json?: boolean | undefined; readonly env?: boolean | undefined }
  },
): Promise<void> {
  const { workspace, terminal, flags } = options
  const { did, handle } = account
  const { pds, scope, serverMetadata } = session
  const text = `Signed in as ${nameOf(account)}. The session is kept in ${workspace.path}.`
  if (flags.env) {
    terminal.complain(text)
    await printCredentials(account, { workspace, terminal, json: flags.json })
    return
  }
  const summary = { did, handle, pds, issuer: serverMetadata.issuer, scope, store: workspace.path }
  terminal.print(flags.json ? toJson(summary) : text)
}
