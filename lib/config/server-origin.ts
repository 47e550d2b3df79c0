/** Checks the addresses of servers that options name. */
import { AtprotoAuthError, ConfigurationError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from '../net/address-policy.ts'

/** Whether requests may go to that URL, as far as its text shows: host names are not resolved. */
export function isReachable(url: string, policy: AddressPolicy): boolean {
  try {
    checkUrl(url, policy)
    return true
  } catch {
    // The policy's message is about a request; the caller has a better one for its option.
    return false
  }
}

/** Whether the text is the origin of a server that requests may go to. */
export function isServerOrigin(text: string, policy: AddressPolicy): boolean {
  const url = URL.parse(text)
  return url !== null && url.href === `${url.origin}/` && isReachable(text, policy)
}

/**
 * The PLC directory decides which server an account belongs to. Over http, anyone on the network path could change the
 * answer.
 *
 * @throws ConfigurationError
 */
export function checkPlcDirectory(plcDirectory: string | undefined, policy: AddressPolicy): void {
  if (plcDirectory === undefined || isServerOrigin(plcDirectory, policy)) return
  throw new ConfigurationError(
    'The option plcDirectory must be the https origin of a public server, such as https://plc.directory. A server on ' +
      'this machine belongs in localNetwork.',
  )
}

/**
 * A button of the sign-in page must not lead to an error.
 *
 * @throws ConfigurationError when the rules for addresses refuse one of the hosts
 */
export function checkSignUpHosts(hosts: readonly string[] | undefined, policy: AddressPolicy): void {
  for (const [index, host] of (hosts ?? []).entries()) {
    try {
      checkUrl(host, policy)
    } catch (error) {
      if (!(error instanceof AtprotoAuthError)) throw error
      throw new ConfigurationError(
        `The option signUpHosts.${index} names a server to which no request may go. ${error.message}`,
      )
    }
  }
}
