/** `next-atproto-auth complete`: the second phase of a sign-in, with the address that the browser came back to. */
import { text } from 'node:stream/consumers'
import { OAuthCallbackError } from '../../errors.ts'
import { type Command, readCall, type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { inWorkspace, WORKSPACE_HELP, type Workspace, workspaceOptions } from '../workspace/workspace.ts'
import { keepAccount, reportSignIn } from './finish-sign-in.ts'

/** The command. */
export const complete: Command = {
  summary: 'finish what "login --two-phase" began',
  help: `Usage: next-atproto-auth complete [URL] [options]

Takes the address that the browser came back to, and signs in. Left out, it is asked for or read from standard input,
which keeps it out of the shell's history. It works once, and only where the sign-in began.

  --env                    print the session's secrets as environment variables, for a program that keeps them
  --json                   print the result as JSON
${WORKSPACE_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = readCall(
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
    ? terminal.ask('The address that the browser came back to: ')
    : text(process.stdin)
}

/**
 * The pasted address; terminals break long lines, and no URL holds white space.
 *
 * @throws UsageError that does not quote it: it may hold a code
 */
export function parsePasted(pasted: string): URL {
  const url = URL.parse(pasted.replace(/\s+/g, ''))
  if (url?.searchParams.has('state')) return url
  throw new UsageError('The whole address that the browser came back to was expected, with state=… in it.')
}

async function finishSignIn(url: URL, workspace: Workspace) {
  const { searchParams: params } = url
  const state = params.get('state') ?? ''
  const begun = await workspace.signIns.read(state)
  // Before anything is used up: the wrong address was pasted, the right one may follow.
  if (begun && new URL(begun.redirectUri).origin !== url.origin) {
    const message = `This is no address of ${begun.redirectUri}, where the sign-in comes back to.`
    throw new OAuthCallbackError('invalid_callback', message, { params })
  }
  const signIn = begun && (await workspace.signIns.take(state))
  if (!signIn) {
    const message = 'This sign-in was not begun here, has expired, or was finished already.'
    throw new OAuthCallbackError('state_unknown', message, { params })
  }
  const client = workspace.client(signIn.client, signIn.network)
  const { session } = await client.callback(params, { redirect_uri: signIn.redirectUri })
  return { session, account: await keepAccount(session, signIn, workspace) }
}
