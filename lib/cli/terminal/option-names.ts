/** Messages of the library about its options, in the words of the command line. */

import { ConfigurationError } from '../../errors.ts'
import { parseHttpProxy } from '../../net/http-proxy.ts'
import { UsageError } from './command.ts'

/** Returns the message with the options of a client under the names that `login` and `doctor` give them. */
export function withFlags(message: string): string {
  return message
    .replace(/\b(?:the )?option proxy\b/gi, '--http-proxy')
    .replace(/\bname it in the option privateHosts\b/g, 'name it with --private-host')
    .replace(/\b(?:the )?option privateHosts(?:\.\d+)?/gi, '--private-host')
    .replace(/\bprivateHosts\b/g, '--private-host')
}

/**
 * Returns the value of `--http-proxy`, checked.
 *
 * @throws UsageError; the message does not quote the value, which may hold a password
 */
export function readProxy(text: string | undefined): string | undefined {
  try {
    if (text !== undefined) parseHttpProxy(text)
    return text
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    throw new UsageError(withFlags(error.message))
  }
}
