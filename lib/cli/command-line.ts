/** The commands by name, and what is said when there is none of that name or one fails. */
import { AtprotoAuthError } from '../errors.ts'
import { accounts } from './accounts.ts'
import { type Command, type Terminal, UsageError } from './command.ts'
import { complete } from './complete.ts'
import { doctor } from './doctor.ts'
import { get } from './get.ts'
import { init } from './init.ts'
import { keys } from './keys.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { post } from './post.ts'
import { staticClient } from './static.ts'
import { whoami } from './whoami.ts'

const commands: Readonly<Record<string, Command>> = {
  ...{ init, keys, doctor },
  ...{ login, complete, whoami, accounts, get, post, logout, static: staticClient },
}

const HELP = `Usage: next-atproto-auth <command>

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

next-atproto-auth <command> --help tells what a command takes.`

/** Runs a command: 0 when it did its work, 1 when something is wrong, 2 when the call is not understood. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.print(HELP)
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    terminal.complain(`There is no command "${name}".\n\n${HELP}`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help)
    return 0
  }
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    return explain(error, name, terminal)
  }
}

function explain(error: unknown, name: string, terminal: Terminal): number {
  if (error instanceof UsageError) {
    terminal.complain(`${error.message}\n\nnext-atproto-auth ${name} --help tells what it takes.`)
    return 2
  }
  if (error instanceof AtprotoAuthError) {
    terminal.complain(error.message)
    return 1
  }
  throw error
}
