/** `next-atproto-auth accounts`: who is signed in here. Nobody is asked. */
import { TokenRevokedError } from '../../errors.ts'
import { type Command, readCall } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { oneLine, toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/account-rows.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace, workspaceOptions } from '../workspace/workspace.ts'
import { nameOf } from './signed-in.ts'

/** The command. */
export const accounts: Command = {
  summary: 'list who is signed in here',
  help: `Usage: next-atproto-auth accounts [options]

Whoever signed in last comes first, and is the one that the other commands mean without --did. No request is made.

  --json                   print the result as JSON
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags } = readCall(args, workspaceOptions)
    return inWorkspace(flags, terminal, async (workspace) => {
      const known = await workspace.accounts.list()
      const listed = await Promise.all(known.map((account) => statusOf(account, workspace)))
      if (flags.json) terminal.print(toJson(listed))
      else if (listed.length === 0) terminal.print('Nobody is signed in here.')
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
    if (!(error instanceof TokenRevokedError)) throw error
    return { did, handle, scope: undefined, isActive: false }
  }
}

function toLine(account: Description): string {
  return oneLine(`${nameOf(account)}  ${account.isActive ? account.scope : 'has to sign in again'}`)
}
