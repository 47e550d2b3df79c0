/** The commands by name, and what is said when there is none of that name or one fails. */
import { AtprotoAuthError } from '../errors.ts'
import { get } from './calls/get.ts'
import { post } from './calls/post.ts'
import { doctor } from './doctor/doctor.ts'
import { init } from './init/init.ts'
import { keys } from './keys.ts'
import { accounts } from './session/accounts.ts'
import { logout } from './session/logout.ts'
import { whoami } from './session/whoami.ts'
import { complete } from './sign-in/complete.ts'
import { login } from './sign-in/login.ts'
import { staticClient } from './sign-in/static.ts'
import { CancelledError, type Command, type Terminal, UsageError } from './terminal/command.ts'
import { describeFailure, EXIT_CODES_HELP, exitCode, exitCodeOf } from './terminal/exit-codes.ts'

const commands: Readonly<Record<string, Command>> = {
  ...{ init, keys, doctor },
  ...{ login, complete, whoami, accounts, get, post, logout, static: staticClient },
}

const HELP = `Usage: next-atproto-auth <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

next-atproto-auth <command> --help tells what a command takes.
${EXIT_CODES_HELP}`

/**
 * Runs a command; what it fails with is told in one line, with what to do about it.
 *
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(HELP)
    return exitCode.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    terminal.complain(`There is no command "${name}".\n\n${HELP}`)
    return exitCode.usage
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help)
    return exitCode.ok
  }
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    return explain(error, name, terminal)
  }
}

function explain(error: unknown, name: string, terminal: Terminal): number {
  if (error instanceof CancelledError) {
    terminal.complain('Cancelled.')
    return exitCode.cancelled
  }
  if (error instanceof UsageError) {
    terminal.complain(`${error.message}\n\nnext-atproto-auth ${name} --help tells what it takes.`)
    return exitCode.usage
  }
  if (error instanceof AtprotoAuthError) {
    terminal.complain(describeFailure(error))
    return exitCodeOf(error)
  }
  // A file that may not be read or written, for instance. Anything else is a mistake of ours: let it be seen.
  if (!(error instanceof Error && 'syscall' in error)) throw error
  terminal.complain(error.message)
  return exitCode.failed
}
