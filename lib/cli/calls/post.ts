/** `next-atproto-auth post`: calls an XRPC procedure as a signed-in account. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { openSession } from '../session/select-account.ts'
import { type Command, parseArguments, type Terminal, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { inWorkspace } from '../workspace/workspace.ts'
import { CALL_HELP, callOptions, checkCall, printResult } from './xrpc-call.ts'

/** The command `post`. */
export const post: Command = {
  summary: 'call a procedure (XRPC) as the account',
  help: `Usage: next-atproto-auth post NSID [--json BODY] [options]

Prints the response: JSON indented, anything else unchanged.

  next-atproto-auth post com.atproto.repo.createRecord --json @post.json

  --json BODY              the body: JSON, @FILE, or - for standard input; without it, no body is sent
${CALL_HELP}`,
  async run(args, terminal) {
    const options = { ...callOptions, json: { type: 'string' } } as const
    const { values: flags, positionals } = parseArguments(args, options, 1)
    const nsid = checkCall(positionals[0], flags.proxy)
    const body = flags.json === undefined ? undefined : parseBody(await readSource(flags.json, terminal))
    return inWorkspace(flags, terminal, async (workspace) => {
      const { session } = await openSession(flags, workspace)
      printResult(await session.post(nsid, { body, proxy: flags.proxy }), terminal)
      return exitCode.ok
    })
  },
}

async function readSource(source: string, { folder }: Terminal): Promise<string> {
  if (source === '-') return text(process.stdin)
  if (!source.startsWith('@')) return source
  try {
    return await readFile(resolve(folder, source.slice(1)), 'utf8')
  } catch (error) {
    throw new UsageError(`--json: ${error instanceof Error ? error.message : 'the file cannot be read'}.`)
  }
}

/**
 * Checks that the text is JSON and returns it unchanged as a body.
 *
 * @throws UsageError
 */
export function parseBody(json: string): Blob {
  try {
    JSON.parse(json)
  } catch {
    // The message of JSON.parse quotes the text.
    throw new UsageError('--json: the body is not valid JSON.')
  }
  return new Blob([json], { type: 'application/json' })
}
