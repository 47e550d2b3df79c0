/** `next-atproto-auth logout`: ends sessions, here and at their authorization servers. */
import { type Command, parseArguments, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/signed-in-accounts.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace } from '../workspace/workspace.ts'
import { findAccount, nameOf, SESSION_HELP, sessionOptions } from './select-account.ts'

/** The command `logout`. */
export const logout: Command = {
  summary: 'end a session, here and at its authorization server',
  help: `Usage: next-atproto-auth logout [options]

Deletes the session and asks its authorization server to revoke the tokens. Secrets printed with --env stop working too.

  --all                    sign out all accounts that are signed in here
  --json                   print the result as JSON
${SESSION_HELP}
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags } = parseArguments(args, { ...sessionOptions, all: { type: 'boolean' } })
    if (flags.all && flags.did !== undefined) throw new UsageError('Use either --did or --all, not both.')
    return inWorkspace(flags, terminal, async (workspace) => {
      const leaving = flags.all ? await workspace.accounts.list() : [await findAccount(flags, workspace)]
      for (const account of leaving) await end(account, workspace)
      if (flags.json) terminal.print(toJson({ signedOut: leaving.map(({ did }) => did) }))
      else if (leaving.length === 0) terminal.print('No account was signed in here.')
      else terminal.print(leaving.map((account) => `Signed out: ${nameOf(account)}.`).join('\n'))
      return exitCode.ok
    })
  },
}

async function end({ did, sessionId, client, network }: Account, workspace: Workspace) {
  await workspace.client(client, network).revoke(did, { sessionId })
  // Removed last, so that a session that could not be ended can still be found.
  await workspace.accounts.remove(did)
}
