/** The parts that every command uses: the terminal it runs in, its interface, and the parsing of its arguments. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The surroundings of a command. Tests pass their own. */
export interface Terminal {
  /** The current working directory. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a user is there to answer questions. */
  readonly isInteractive: boolean
  /** Writes a line to standard output. */
  print(text: string): void
  /** Writes a line to standard error. */
  printError(text: string): void
  /** Asks the user a question and resolves to the answer. Throws CancelledError when the user cancels. */
  ask(question: string): Promise<string>
}

/** A command of the command line. */
export interface Command {
  /** One line in the list of commands. */
  readonly summary: string
  /** The text that `--help` prints. */
  readonly help: string
  /** Runs the command and resolves to the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** The arguments are not valid for this command; the message says why. The exit code is 2. */
export class UsageError extends TypeError {
  override readonly name = 'UsageError'
}

/** The user cancelled the command at a question, with Ctrl-C or Ctrl-D. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/**
 * Parses the arguments of a command into options and positional arguments.
 *
 * @param maxPositionals how many positional arguments the command accepts; default none
 * @throws UsageError for an unknown option, a missing value, or too many positional arguments
 */
export function parseArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  maxPositionals = 0,
) {
  const parsed = parse(args, options)
  const extra = parsed.positionals[maxPositionals]
  if (extra !== undefined) throw new UsageError(`Unexpected argument: "${extra}".`)
  return parsed
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message)
    throw error
  }
}
