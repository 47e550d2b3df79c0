/** Host name look-ups that refuse a name as soon as one of its IP addresses is not allowed. */
import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, isAllowedAddress } from './address-policy.ts'

/** The form of `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** Returns a look-up for an agent. It gives an address only if every address of the name is allowed. */
export function checkedLookup(policy: AddressPolicy, resolve: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error('The name has no address.'), '')
      if (!addresses.every(({ address }) => isAllowedAddress(address, policy))) {
        return callback(
          new AtprotoAuthError('blocked_address', `${hostname} is not at a public address.`, { sent: false }),
          '',
        )
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
