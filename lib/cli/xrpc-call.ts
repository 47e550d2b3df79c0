/** What `get` and `post` share: the names that were typed, and the answer that is printed. */
import { isNsid } from '../identity/syntax.ts'
import { parseServiceId } from '../oauth/service-id.ts'
import type { XrpcResult } from '../oauth/xrpc-answer.ts'
import { type Terminal, UsageError } from './command.ts'
import { toJson } from './output.ts'
import { SESSION_HELP, sessionOptions } from './signed-in.ts'
import { WORKSPACE_HELP } from './workspace.ts'

export const callOptions = { ...sessionOptions, proxy: { type: 'string' } } as const

export const CALL_HELP = `  --proxy DID#NAME         have the PDS pass the call on, e.g. to did:web:api.bsky.app#bsky_appview
${SESSION_HELP}
${WORKSPACE_HELP}`

/** @throws UsageError when either is malformed */
export function checkCall(nsid: string | undefined, proxy: string | undefined): string {
  if (nsid === undefined || !isNsid(nsid))
    throw new UsageError('The name of a method was expected, such as com.atproto.repo.getRecord.')
  try {
    if (proxy !== undefined) parseServiceId(proxy)
    return nsid
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--proxy: ${error.message}`)
    throw error
  }
}

/**
 * Prints an answer: JSON with indentation, anything else byte for byte, nothing for nothing.
 *
 * @throws UsageError when bytes would go to a terminal, which may act on them
 */
export function printResult({ data, headers }: XrpcResult<unknown>, terminal: Terminal): void {
  if (data instanceof Uint8Array) printBytes(data, headers)
  else if (data !== undefined) terminal.print(toJson(data))
}

function printBytes(data: Uint8Array, headers: Headers): void {
  if (process.stdout.isTTY) {
    const type = headers.get('content-type')?.replace(/[^\w/.+-].*/, '') ?? 'unknown type'
    throw new UsageError(
      `The answer is no JSON (${type}, ${data.byteLength} bytes): send it to a file with > FILE.`,
    )
  }
  process.stdout.write(data)
}
