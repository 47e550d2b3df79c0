import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import type { AddressPolicy } from '../../../lib/net/address-policy.ts'
import { checkedLookup } from '../../../lib/net/checked-lookup.ts'

/** What a checked look-up of the name gives when DNS answers with those addresses: the addresses, or an error. */
function lookUp(
  hostname: string,
  addresses: readonly string[],
  policy: AddressPolicy = { allowLoopback: false },
): Promise<readonly LookupAddress[]> {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const lookup = checkedLookup(policy, (_name, _options, callback) => callback(null, found))
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, result) => {
      if (error || typeof result === 'string') reject(error)
      else resolve(result)
    })
  })
}

describe('a checked look-up on a network with NAT64 (RFC 6052)', () => {
  it.each([
    [['64:ff9b::808:808']],
    [['64:ff9b::808:808', '8.8.8.8']],
    [['8.8.8.8', '64:ff9b::8.8.8.8']],
    [['2606:4700::1111', '64:FF9B::101:101', '1.1.1.1']],
  ])('gives the addresses of a public server: %j', async (addresses) => {
    const found = await lookUp('pds.host.dev', addresses)
    expect(found.map(({ address }) => address)).toEqual(addresses)
  })

  it.each([
    [['64:ff9b::a9fe:a9fe']],
    [['8.8.8.8', '64:ff9b::10.0.0.1']],
    [['64:ff9b::808:808', '64:ff9b::7f00:1']],
    [['64:ff9b::808:808', '192.168.1.1']],
    [['64:ff9b:1::808:808', '8.8.8.8']],
  ])('SF-1 refuses a name that a translator would lead inside: %j', async (addresses) => {
    await expect(lookUp('pds.host.dev', addresses)).rejects.toMatchObject({ code: 'blocked_address' })
  })
})
