/** The parts that `get` and `post` share: their options, the check of the names, and the printed result. */
import { isNsid } from '../../identity/syntax.ts'
import { parseServiceId } from '../../oauth/resource/service-id.ts'
import type { XrpcResult } from '../../oauth/resource/xrpc-answer.ts'
import { SESSION_HELP, sessionOptions } from '../session/select-account.ts'
import { type Terminal, UsageError } from '../terminal/command.ts'
import { toJson } from '../terminal/output.ts'
import { WORKSPACE_HELP } from '../workspace/workspace.ts'

export const callOptions = { ...sessionOptions, proxy: { type: 'string' } } as const

const EXAMPLE = 'XRPC method, such as app.bsky.actor.getProfile.'

export const CALL_HELP = `  --proxy DID#NAME         have the PDS proxy the call, e.g. to did:web:api.bsky.app#bsky_appview
${SESSION_HELP}
${WORKSPACE_HELP}`

/**
 * Returns the method name.
 *
 * @throws UsageError when the method name or the service id is malformed
 */
export function checkCall(nsid: string | undefined, proxy: string | undefined): string {
  if (nsid === undefined) throw new UsageError(`Missing argument: the name of an ${EXAMPLE}`)
  if (!isNsid(nsid)) throw new UsageError(`"${nsid}" is not the name of an ${EXAMPLE}`)
  try {
    if (proxy !== undefined) parseServiceId(proxy)
    return nsid
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--proxy: ${error.message}`)
    throw error
  }
}

/**
 * Prints a response: JSON indented, anything else unchanged, and nothing for an empty response.
 *
 * @throws UsageError when binary data would go to a terminal, which it may control
 */
export function printResult({ data, headers }: XrpcResult<unknown>, terminal: Terminal): void {
  if (data instanceof Uint8Array) printBytes(data, headers)
  else if (data !== undefined) terminal.print(toJson(data))
}

function printBytes(data: Uint8Array, headers: Headers): void {
  if (process.stdout.isTTY) {
    const type = headers.get('content-type')?.replace(/[^\w/.+-].*/, '') ?? 'unknown type'
    throw new UsageError(
      `The response is not JSON (${type}, ${data.byteLength} bytes). Write it to a file with > FILE.`,
    )
  }
  process.stdout.write(data)
}
