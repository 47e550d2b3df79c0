/** What every command stands on: where it runs, whom it may ask, and how it refuses what it does not know. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Where a command runs; tests bring their own. */
export interface Terminal {
  /** The folder that the command was called in. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether somebody is there to answer. */
  readonly isInteractive: boolean
  /** Writes to the standard output. */
  print(text: string): void
  /** Writes to the standard error output. */
  complain(text: string): void
  /** What somebody answers to a question. Throws CancelledError when somebody ends it instead. */
  ask(question: string): Promise<string>
}

/** One command of the command line. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` prints. */
  readonly help: string
  /** Runs it; the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** What was typed is not a call of this command; the message says why. The exit code is then 2. */
export class UsageError extends TypeError {
  override readonly name = 'UsageError'
}

/** Somebody ended the command at a question, with Ctrl-C or Ctrl-D. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
}

/**
 * The options and words of a call.
 *
 * @param words how many words that are no options it may have; default none
 * @throws UsageError for an option that the command does not have, a missing value, or too many words
 */
export function readCall<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  words = 0,
) {
  const call = parse(args, options)
  const extra = call.positionals[words]
  if (extra !== undefined) throw new UsageError(`"${extra}" is not understood here.`)
  return call
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
