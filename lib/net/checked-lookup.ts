/** Host name look-ups that refuse a name as soon as one of its IP addresses is not allowed. */
import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, isAllowedAddress, isPrivateAddress, isPrivateHost } from './address-policy.ts'
import { type Warn, warnOfPrivateHost } from './warn-of-private-host.ts'

/** The form of `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Returns a look-up for an agent. It gives an address only if every address of the name is allowed.
 *
 * @param warn called with a message about a host that the option `privateHosts` would allow, for the operator's log
 */
export function checkedLookup(policy: AddressPolicy, resolve: Lookup, warn?: Warn): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error('The name has no address.'), '')
      const refused = addresses.filter(({ address }) => !isAllowedAddress(address, policy, hostname))
      if (refused.length > 0) {
        const blocked = blockedError(hostname, refused, policy)
        if (refused.every(({ address }) => isPrivateAddress(address)))
          warnOfPrivateHost(blocked.message, warn)
        return callback(blocked, '')
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** The message names no address, because an error may reach a visitor. */
function blockedError(
  hostname: string,
  refused: readonly LookupAddress[],
  policy: AddressPolicy,
): AtprotoAuthError {
  const problem = isPrivateHost(hostname, policy)
    ? 'is at an address that stays blocked: privateHosts allows private addresses only'
    : refused.every(({ address }) => isPrivateAddress(address))
      ? 'is at a private address. If that is intended, name it in the option privateHosts'
      : 'is not at a public address'
  return new AtprotoAuthError('blocked_address', `${hostname} ${problem}.`, { sent: false })
}
