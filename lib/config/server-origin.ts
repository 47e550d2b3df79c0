/** Addresses of servers among the options. */
import { ConfigurationError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from '../net/address-policy.ts'

/** Whether requests may go to that address, as far as its text tells. */
export function isReachable(url: string, policy: AddressPolicy): boolean {
  try {
    checkUrl(url, policy)
    return true
  } catch {
    // The policy's own words are about requests; the caller says what it means here.
    return false
  }
}

/** Whether the text is the origin of a server that requests may go to. */
export function isServerOrigin(text: string, policy: AddressPolicy): boolean {
  const url = URL.parse(text)
  return url !== null && url.href === `${url.origin}/` && isReachable(text, policy)
}

/** Every sign-in asks it who somebody is: by http, whoever is on the way could answer. */
export function checkPlcDirectory(plcDirectory: string | undefined, isLocal: boolean): void {
  if (plcDirectory === undefined || isServerOrigin(plcDirectory, { allowLoopback: isLocal })) return
  throw new ConfigurationError(
    'The option plcDirectory must be the https origin of a public server, such as https://plc.directory. One on this ' +
      'machine is part of localNetwork.',
  )
}
