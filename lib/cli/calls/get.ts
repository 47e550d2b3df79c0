/** `next-atproto-auth get`: calls an XRPC query as a signed-in account. */
import { openSession } from '../session/select-account.ts'
import { type Command, parseArguments, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { inWorkspace } from '../workspace/workspace.ts'
import { CALL_HELP, callOptions, checkCall, printResult } from './xrpc-call.ts'

/** The command `get`. */
export const get: Command = {
  summary: 'call a query (XRPC) as the account',
  help: `Usage: next-atproto-auth get NSID [NAME=VALUE …] [options]

Prints the response: JSON indented, anything else unchanged. A repeated NAME makes a list.

  next-atproto-auth get com.atproto.repo.listRecords repo=alice.bsky.social collection=app.bsky.feed.post limit=5

  --json                   has no effect: the result is JSON anyway
${CALL_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = parseArguments(args, callOptions, Number.POSITIVE_INFINITY)
    const [name, ...pairs] = positionals
    const nsid = checkCall(name, flags.proxy)
    const params = parseParams(pairs)
    return inWorkspace(flags, terminal, async (workspace) => {
      const { session } = await openSession(flags, workspace)
      printResult(await session.get(nsid, { params, proxy: flags.proxy }), terminal)
      return exitCode.ok
    })
  },
}

/**
 * Parses `name=value` arguments; the value may contain more `=`.
 *
 * @throws UsageError
 */
export function parseParams(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const params = new Map<string, readonly string[]>()
  for (const pair of pairs) {
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9_-]*)=([\s\S]*)$/.exec(pair) ?? []
    if (name === undefined) throw new UsageError('Write a parameter as name=value.')
    params.set(name, [...(params.get(name) ?? []), value])
  }
  return Object.fromEntries(params)
}
