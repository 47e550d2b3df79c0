/** The parts that every command uses: the terminal it runs in, its interface, and the parsing of its arguments. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearestName } from '../../config/nearest-name.ts'

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
export function parseArguments<Options extends OptionsConfig>(
  args: readonly string[],
  options: Options,
  maxPositionals = 0,
) {
  const parsed = parse(args, options)
  const extra = parsed.positionals[maxPositionals]
  if (extra !== undefined) throw new UsageError(`Unexpected argument: "${extra}".`)
  return parsed
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

function parse<Options extends OptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(problemWith(args, options) ?? error.message)
    throw error
  }
}

/** Describes the first option that is unknown, or has a value or none against the rules. */
function problemWith(args: readonly string[], options: OptionsConfig): string | undefined {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (!option) return `Unknown option ${rawName}.${suggestion(name, options)}`
    if (option.type === 'boolean' && value !== undefined) return `${rawName} takes no value.`
    if (option.type === 'boolean') continue
    if (value === undefined) return `${rawName} needs a value.`
    if (value.startsWith('-') && !inlineValue)
      return `${rawName} needs a value. Write one that begins with a hyphen as ${rawName}=${value}.`
  }
  return undefined
}

function suggestion(name: string, options: OptionsConfig): string {
  const nearest = nearestName(name, Object.keys(options))
  return nearest === undefined ? '' : ` Did you mean --${nearest}?`
}
