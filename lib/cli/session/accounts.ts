/** `next-atproto-auth accounts`: lists the signed-in accounts, without a request. */
import { ConfigurationError, TokenRevokedError } from '../../errors.ts'
import { escapeControls } from '../../untrusted-text.ts'
import { type Command, parseArguments } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace, workspaceOptions } from '../workspace/workspace.ts'
import { nameOf } from './select-account.ts'

/** The command `accounts`. */
export const accounts: Command = {
  summary: 'list the accounts that are signed in here',
  help: `Usage: next-atproto-auth accounts [options]

The account that signed in last comes first. The other commands use it by default. No request is made.

  --json                   print the result as JSON
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags } = parseArguments(args, workspaceOptions)
    return inWorkspace(flags, terminal, async (workspace) => {
      const known = await workspace.accounts.list()
      const listed = await Promise.all(known.map((account) => statusOf(account, workspace)))
      if (flags.json) terminal.print(toJson(listed))
      else if (listed.length === 0) terminal.print('No account is signed in here.')
      else terminal.print(listed.map(toLine).join('\n'))
      return exitCode.ok
    })
  },
}

type Description = Pick<Account, 'did' | 'handle'> & {
  readonly scope: string | undefined
  readonly isActive: boolean
}

async function statusOf(account: Account, workspace: Workspace): Promise<Description> {
  const { did, handle, sessionId, client, network } = account
  try {
    const session = await workspace.client(client, network).restore(did, false, { sessionId })
    return { did, handle, scope: session.scope, isActive: true }
  } catch (error) {
    const isUnopened = error instanceof ConfigurationError && error.unopenedSession !== undefined
    if (!(error instanceof TokenRevokedError || isUnopened)) throw error
    return { did, handle, scope: undefined, isActive: false }
  }
}

function toLine(account: Description): string {
  return escapeControls(`${nameOf(account)}  ${account.isActive ? account.scope : 'has to sign in again'}`)
}
