/** Runs the command that was typed, and prints an error when it does not exist or fails. */

import { didYouMean } from '../config/nearest-name.ts'
import { describeError, framesOf } from '../error-reason.ts'
import { AtprotoAuthError } from '../errors.ts'
import { get } from './calls/get.ts'
import { post } from './calls/post.ts'
import { doctor } from './doctor/doctor.ts'
import { init } from './init/init.ts'
import { keys } from './keys.ts'
import { schema } from './schema.ts'
import { accounts } from './session/accounts.ts'
import { logout } from './session/logout.ts'
import { whoami } from './session/whoami.ts'
import { complete } from './sign-in/complete-sign-in.ts'
import { login } from './sign-in/login.ts'
import { staticClient } from './sign-in/static.ts'
import { CancelledError, type Command, type Terminal, UsageError } from './terminal/command.ts'
import { describeFailure, EXIT_CODES_HELP, exitCode, exitCodeOf } from './terminal/exit-codes.ts'
import { escaping } from './terminal/output.ts'

const commands: Readonly<Record<string, Command>> = {
  init,
  keys,
  doctor,
  schema,
  login,
  complete,
  whoami,
  accounts,
  get,
  post,
  logout,
  static: staticClient,
}

const HELP = `Usage: next-atproto-auth <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

Run npx next-atproto-auth <command> --help for the arguments and options of a command.
${EXIT_CODES_HELP}`

/**
 * Runs a command. If it fails, the error is printed in one line with advice.
 *
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], screen: Terminal): Promise<number> {
  const terminal = escaping(screen)
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(HELP)
    return exitCode.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    terminal.printError(`Unknown command "${name}".${didYouMean(name, Object.keys(commands))}\n\n${HELP}`)
    return exitCode.usage
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help)
    return exitCode.ok
  }
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    return printFailure(error, name, terminal)
  }
}

function printFailure(error: unknown, name: string, terminal: Terminal): number {
  if (error instanceof CancelledError) {
    terminal.printError('Cancelled.')
    return exitCode.cancelled
  }
  if (error instanceof UsageError) {
    terminal.printError(
      `${error.message}\n\nRun npx next-atproto-auth ${name} --help for its arguments and options.`,
    )
    return exitCode.usage
  }
  if (error instanceof AtprotoAuthError) {
    terminal.printError(describeFailure(error))
    return exitCodeOf(error)
  }
  // For instance, a file that cannot be read or written. Anything else is a bug of this library and must be visible, but
  // not as Node.js would print it: the message may quote a file that controls the terminal.
  const isOfSystem = error instanceof Error && 'syscall' in error
  const lines = isOfSystem ? [error.message] : [describeError(error), ...framesOf(error)]
  terminal.printError(lines.join('\n'))
  return exitCode.failed
}
