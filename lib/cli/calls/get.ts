/** `next-atproto-auth get`: an XRPC query as the account. */

import { openSession } from '../session/signed-in.ts'
import { type Command, readCall, UsageError } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { inWorkspace } from '../workspace/workspace.ts'
import { CALL_HELP, callOptions, checkCall, printResult } from './xrpc-call.ts'

/** The command. */
export const get: Command = {
  summary: 'call a query (XRPC) as the account',
  help: `Usage: next-atproto-auth get NSID [NAME=VALUE …] [options]

Prints the answer: JSON as JSON, anything else byte for byte. A name that comes again makes a list.

  next-atproto-auth get com.atproto.repo.listRecords repo=alice.bsky.social collection=app.bsky.feed.post limit=5

  --json                   changes nothing: the answer is JSON as it is
${CALL_HELP}`,
  async run(args, terminal) {
    const { values: flags, positionals } = readCall(args, callOptions, Number.POSITIVE_INFINITY)
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
 * The parameters in `name=value` words; a value may hold further `=`.
 *
 * @throws UsageError
 */
export function parseParams(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const params = new Map<string, readonly string[]>()
  for (const pair of pairs) {
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9_-]*)=([\s\S]*)$/.exec(pair) ?? []
    if (name === undefined) throw new UsageError('A parameter is written name=value.')
    params.set(name, [...(params.get(name) ?? []), value])
  }
  return Object.fromEntries(params)
}
