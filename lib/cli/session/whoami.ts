/** `next-atproto-auth whoami`: shows the account, after asking its PDS whether the session still works. */

import { escapeControls } from '../../untrusted-text.ts'
import { type Command, parseArguments } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { toJson } from '../terminal/output.ts'
import { endOf, inWorkspace, WORKSPACE_HELP } from '../workspace/workspace.ts'
import { openSession, SESSION_HELP, sessionOptions } from './select-account.ts'
import { printSessionVariables } from './session-variables.ts'

/** The command `whoami`. */
export const whoami: Command = {
  summary: 'show the account, whether its session still works and when it ends',
  help: `Usage: next-atproto-auth whoami [options]

Asks the account's PDS, and refreshes the tokens if they have expired.

  --env                    print the session's secrets as environment variables, for another program
  --json                   print the result as JSON
${SESSION_HELP}
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags } = parseArguments(args, { ...sessionOptions, env: { type: 'boolean' } })
    return inWorkspace(flags, terminal, async (workspace) => {
      const { account, session } = await openSession(flags, workspace)
      await session.get('com.atproto.server.getSession')
      if (flags.env) {
        await printSessionVariables(account, { workspace, terminal, json: flags.json })
        return exitCode.ok
      }
      const { did, pds, scope, serverMetadata } = session
      const { issuer } = serverMetadata
      // Not null when it could not be looked up: JSON then has no handle at all.
      const handle = await session.getHandle().catch(() => undefined)
      const facts = { did, handle, pds, issuer, scope }
      const endsAt = endOf(account).toISOString()
      const { client_id: clientId } = account.client
      terminal.print(
        flags.json
          ? toJson({ ...facts, endsAt, clientId })
          : toLines({
              ...facts,
              handle: handle === undefined ? 'could not be looked up now' : handle,
              ends: toMinutes(endsAt),
            }),
      )
      return exitCode.ok
    })
  },
}

/** Shortens an ISO date to minutes. */
function toMinutes(date: string): string {
  return date.replace(/T(\d\d:\d\d).*/, ' $1 UTC')
}

function toLines(facts: Readonly<Record<string, string | null>>): string {
  return Object.entries(facts)
    .map(
      ([name, value]) => `${name.padEnd(7)} ${escapeControls(value ?? 'none that resolves to this account')}`,
    )
    .join('\n')
}
