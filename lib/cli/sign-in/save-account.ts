/** The end of both kinds of sign-in: saves the account and prints the result. */
import type { OAuthSession } from '../../oauth/session/session.ts'
import { nameOf } from '../session/select-account.ts'
import { printSessionVariables } from '../session/session-variables.ts'
import type { Terminal } from '../terminal/command.ts'
import { toJson } from '../terminal/output.ts'
import type { PendingSignIn } from '../workspace/pending-sign-ins.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** Saves the account of a new session, and ends the session that the account had here before. */
export async function saveAccount(
  session: OAuthSession,
  { client, network }: Pick<PendingSignIn, 'client' | 'network'>,
  workspace: Workspace,
): Promise<Account> {
  const { did, id: sessionId } = session
  const previous = (await workspace.accounts.list()).find((account) => account.did === did)
  const account: Account = {
    version: 1,
    did,
    sessionId,
    client,
    network,
    // Only for display: a sign-in does not fail because the handle could not be looked up. The last one is kept.
    handle: await session.getHandle().catch(() => previous?.handle ?? null),
    signedInAt: Date.now(),
    isShared: false,
  }
  await workspace.accounts.put(account)
  if (previous) await endPrevious(previous, workspace)
  return account
}

/** The previous session can no longer be used here. If its secrets were printed, another program may still need it. */
async function endPrevious({ did, sessionId, client, network, isShared }: Account, workspace: Workspace) {
  if (isShared) return
  // A failure does not matter: the new session exists, and the old one expires by itself.
  await workspace
    .client(client, network)
    .revoke(did, { sessionId })
    .catch(() => undefined)
}

/** Prints the account and where its session is stored, or, with `env`, the secrets. */
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
  const text = `Signed in as ${nameOf(account)}. The session is stored in ${workspace.path}.`
  if (flags.env) {
    terminal.printError(text)
    await printSessionVariables(account, { workspace, terminal, json: flags.json })
    return
  }
  const summary = { did, handle, pds, issuer: serverMetadata.issuer, scope, store: workspace.path }
  terminal.print(flags.json ? toJson(summary) : text)
}
