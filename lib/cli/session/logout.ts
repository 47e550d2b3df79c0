/** `next-atproto-auth logout`: ends sessions, here and at their servers. */

import { type Command, readCall, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { toJson } from '../terminal/output.ts'
import type { Account } from '../workspace/account-rows.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace } from '../workspace/workspace.ts'
import { findAccount, nameOf, SESSION_HELP, sessionOptions } from './signed-in.ts'

/** The command. */
export const logout: Command = {
  summary: 'end a session, here and at its server',
  help: `Usage: next-atproto-auth logout [options]

Forgets the session and asks its server to revoke the tokens. What --env has printed ends with it.

  --all                    every account that is signed in here
  --json                   print the result as JSON
${SESSION_HELP}
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags } = readCall(args, { ...sessionOptions, all: { type: 'boolean' } })
    if (flags.all && flags.did !== undefined) throw new UsageError('Either --did or --all.')
    return inWorkspace(flags, terminal, async (workspace) => {
      const leaving = flags.all ? await workspace.accounts.list() : [await findAccount(flags, workspace)]
      for (const account of leaving) await end(account, workspace)
      if (flags.json) terminal.print(toJson({ signedOut: leaving.map(({ did }) => did) }))
      else if (leaving.length === 0) terminal.print('Nobody was signed in here.')
      else terminal.print(leaving.map((account) => `Signed out: ${nameOf(account)}.`).join('\n'))
      return exitCode.ok
    })
  },
}

async function end({ did, sessionId, client, network }: Account, workspace: Workspace) {
  await workspace.client(client, network).revoke(did, { sessionId })
  // Last: while it is there, a session that could not be removed can still be found.
  await workspace.accounts.remove(did)
}
