/**
 * `next-atproto-auth complete`: the second phase of a two-phase sign-in, with the address that the browser shows at the end.
 */
import { text } from 'node:stream/consumers'
import { OAuthCallbackError } from '../../errors.ts'
import { shownParams } from '../../oauth/sign-in/callback-parameters.ts'
import { type Command, parseArguments, type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace, workspaceOptions } from '../workspace/workspace.ts'
import { reportSignIn, saveAccount } from './save-account.ts'

/** The command `complete`. */
export const complete: Command = {
  summary: 'finish a sign-in that "login --two-phase" began',
  help: `Usage: next-atproto-auth complete [URL] [options]

Signs in with the address that the browser shows at the end. Without URL, the command asks for the address or reads it from
standard input, which keeps it out of the shell's history. The address works once, and only where the sign-in began.

  --env                    print the session's secrets as environment variables, for another program
  --json                   print the result as JSON
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = parseArguments(
      args,
      { ...workspaceOptions, env: { type: 'boolean' } },
      1,
    )
    const url = parsePasted(positionals[0] ?? (await readPasted(terminal)))
    return inWorkspace(flags, terminal, async (workspace) => {
      const { session, account } = await finishSignIn(url, workspace)
      await reportSignIn(account, session, { workspace, terminal, flags })
      return exitCode.ok
    })
  },
}

function readPasted(terminal: Terminal): Promise<string> {
  return process.stdin.isTTY
    ? terminal.ask('The address that the browser shows at the end: ')
    : text(process.stdin)
}

/**
 * Parses the pasted address. White space is removed, because terminals break long lines.
 *
 * @throws UsageError; the message does not quote the address, which may contain a code
 */
export function parsePasted(pasted: string): URL {
  const url = URL.parse(pasted.replace(/\s+/g, ''))
  if (url?.searchParams.has('state')) return url
  throw new UsageError('Paste the whole address that the browser shows at the end, including state=….')
}

async function finishSignIn(url: URL, workspace: Workspace) {
  const { searchParams: params } = url
  const state = params.get('state') ?? ''
  const begun = await workspace.signIns.read(state)
  // Checked before the sign-in is used up, so that the right address can still be pasted after a wrong one.
  if (begun && new URL(begun.redirectUri).origin !== url.origin) {
    const message = `This address does not belong to ${begun.redirectUri}, to which the sign-in returns.`
    throw new OAuthCallbackError('invalid_callback', message, { params: shownParams(params) })
  }
  const signIn = begun && (await workspace.signIns.take(state))
  if (!signIn) {
    const message = 'This sign-in was not begun here, has expired, or was already finished.'
    throw new OAuthCallbackError('state_unknown', message, { params: shownParams(params) })
  }
  const client = workspace.client(signIn.client, signIn.network)
  const { session } = await client.callback(params, { redirect_uri: signIn.redirectUri })
  return { session, account: await saveAccount(session, signIn, workspace) }
}
