/** `next-atproto-auth login`: signs in, in a browser on this machine or, in two phases, on another machine. */
import { ConfigurationError } from '../../errors.ts'
import { lintScope, parseDeclaredScope } from '../../oauth/scope/lint.ts'
import { escapeControls } from '../../untrusted-text.ts'
import { type Command, type Terminal, UsageError } from '../terminal/command.ts'
import { NETWORK_HELP, readNetwork } from '../workspace/network-options.ts'
import { inWorkspace, WORKSPACE_HELP } from '../workspace/workspace.ts'
import { signInWithBrowser } from './browser-sign-in.ts'
import { type LoginRequest, parseLoginArguments } from './login-options.ts'
import { beginTwoPhaseSignIn } from './two-phase-sign-in.ts'

/** The command `login`. */
export const login: Command = {
  summary: 'sign in with an account',
  help: `Usage: next-atproto-auth login HANDLE|DID|URL [options]

Signs in with a browser on this machine. The session is stored encrypted in the data folder and refreshed there. No
secret is printed without --env.

  --scope "atproto …"      scope to ask for; default ATPROTO_OAUTH_SCOPE, then "atproto" (sign-in only)
  --no-browser             print the URL without opening a browser
  --timeout SECONDS        how long to wait for the browser; default 300
  --env                    print the session's secrets as environment variables, for another program
  --json                   print the result as JSON

Without a browser on this machine:
  --two-phase              print the URL for another machine and exit; then run "complete" with the final address
  --client-id URL          sign in as this published client; default ATPROTO_OAUTH_CLIENT_ID
  --redirect-uri URL       the client's callback page; default ATPROTO_OAUTH_REDIRECT_URI, then the client's first

Data folder and network:
${WORKSPACE_HELP}
${NETWORK_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = parseLoginArguments(args)
    const [input] = positionals
    if (input === undefined) throw new UsageError('Missing argument: a handle, a DID or a server address.')
    checkCombination(flags)
    const scope = readScope(flags.scope ?? (terminal.env.ATPROTO_OAUTH_SCOPE || undefined), terminal)
    const network = readNetwork(flags)
    return inWorkspace(flags, terminal, (workspace) => {
      const request = { input, scope, network, flags, terminal, workspace }
      return flags['two-phase'] ? beginTwoPhaseSignIn(request) : signInWithBrowser(request)
    })
  },
}

function checkCombination(flags: LoginRequest['flags']): void {
  const isTwoPhase = flags['two-phase'] === true
  for (const name of ['client-id', 'redirect-uri'] as const) {
    if (flags[name] !== undefined && !isTwoPhase) throw new UsageError(`--${name} needs --two-phase.`)
  }
  for (const name of ['no-browser', 'timeout'] as const) {
    if (flags[name] !== undefined && isTwoPhase)
      throw new UsageError(`--${name} cannot be combined with --two-phase.`)
  }
  if (flags.env && isTwoPhase)
    throw new UsageError('--env cannot be combined with --two-phase. Pass it to "complete".')
}

/** Returns the scope in normalised form, because it becomes part of a client_id. */
function readScope(text: string | undefined, terminal: Terminal): string | undefined {
  if (text === undefined) return undefined
  for (const warning of lintScope(text)) terminal.printError(`Warning: ${escapeControls(warning)}`)
  try {
    return parseDeclaredScope(text).join(' ')
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(escapeControls(error.message))
    throw error
  }
}
