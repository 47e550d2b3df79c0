/** `next-atproto-auth login`: signs in, with a browser on this machine or in two phases with one anywhere. */
import { ConfigurationError } from '../../errors.ts'
import { lintScope, parseDeclaredScope } from '../../oauth/scope/lint.ts'
import { type Command, type Terminal, UsageError } from '../terminal/command.ts'
import { oneLine } from '../terminal/output.ts'
import { NETWORK_HELP, readNetwork } from '../workspace/network-settings.ts'
import { inWorkspace, WORKSPACE_HELP } from '../workspace/workspace.ts'
import { signInHere } from './login-here.ts'
import { type LoginCall, readLogin } from './login-options.ts'
import { beginSignIn } from './login-two-phase.ts'

/** The command. */
export const login: Command = {
  summary: 'sign in with an account',
  help: `Usage: next-atproto-auth login HANDLE|DID|URL [options]

Signs in with a browser on this machine. The session is sealed and kept in the data folder, and renewed there; nothing
secret is printed without --env.

  --scope "atproto …"      what to ask for; default ATPROTO_OAUTH_SCOPE, then "atproto": sign-in alone
  --no-browser             do not open a browser, only print the URL
  --timeout SECONDS        how long to wait for the browser; default 300
  --env                    print the session's secrets as environment variables, for a program that keeps them
  --json                   print the result as JSON

Without a browser on this machine:
  --two-phase              print the URL for a browser anywhere, and end; "complete" takes the address it comes back to
  --client-id URL          sign in as this published client; default ATPROTO_OAUTH_CLIENT_ID
  --redirect-uri URL       the client's callback page; default ATPROTO_OAUTH_REDIRECT_URI, then the client's first

Where:
${WORKSPACE_HELP}
${NETWORK_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = readLogin(args)
    const [input] = positionals
    if (input === undefined)
      throw new UsageError('Whose account? A handle, a DID or the address of a server.')
    const isTwoPhase = flags['two-phase'] === true
    checkTogether(flags, isTwoPhase)
    const scope = readScope(flags.scope ?? (terminal.env.ATPROTO_OAUTH_SCOPE || undefined), terminal)
    const network = readNetwork(flags)
    return inWorkspace(flags, terminal, (workspace) => {
      const call = { input, scope, network, flags, terminal, workspace }
      return isTwoPhase ? beginSignIn(call) : signInHere(call)
    })
  },
}

function checkTogether(flags: LoginCall['flags'], isTwoPhase: boolean): void {
  for (const name of ['client-id', 'redirect-uri'] as const) {
    if (flags[name] !== undefined && !isTwoPhase) throw new UsageError(`--${name} belongs to --two-phase.`)
  }
  for (const name of ['no-browser', 'timeout'] as const) {
    if (flags[name] !== undefined && isTwoPhase)
      throw new UsageError(`--${name} does not go with --two-phase.`)
  }
  if (flags.env && isTwoPhase) throw new UsageError('--env belongs to "complete", where the sign-in ends.')
}

/** In one spelling: it becomes part of a client_id. */
function readScope(text: string | undefined, terminal: Terminal): string | undefined {
  if (text === undefined) return undefined
  for (const warning of lintScope(text)) terminal.complain(`Warning: ${oneLine(warning)}`)
  try {
    return parseDeclaredScope(text).join(' ')
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(oneLine(error.message))
    throw error
  }
}
