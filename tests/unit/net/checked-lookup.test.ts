import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import type { AddressPolicy } from '../../../lib/net/address-policy.ts'
import { checkedLookup } from '../../../lib/net/checked-lookup.ts'

const internet: AddressPolicy = { allowLoopback: false }

/** What a checked look-up of the name gives when DNS answers with those addresses: the addresses, or an error. */
function lookUp(
  hostname: string,
  addresses: readonly string[],
  policy: AddressPolicy = internet,
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

describe('a checked look-up with privateHosts', () => {
  const policy = { allowLoopback: false, privateHosts: ['pds.example.com'] }

  it.each([
    [['192.168.1.10']],
    [['172.18.0.5', 'fd00::5']],
    [['10.0.0.7', '1.1.1.1']],
    [['::ffff:192.168.1.10']],
  ])('gives private addresses of a named host: %j', async (addresses) => {
    const found = await lookUp('pds.example.com', addresses, policy)
    expect(found.map(({ address }) => address)).toEqual(addresses)
  })

  it.each([
    [['127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['169.254.169.254']],
    [['fd00:ec2::254']],
    [['64:ff9b::c0a8:10a']],
    [['192.168.1.10', '127.0.0.1']],
    [['169.254.169.254', '10.0.0.1']],
    [['fd00::1', 'fe80::1']],
    [['1.1.1.1', '127.0.0.1']],
  ])('SF-1 refuses other addresses of a named host, even beside private ones: %j', async (addresses) => {
    await expect(lookUp('pds.example.com', addresses, policy)).rejects.toMatchObject({
      code: 'blocked_address',
      sent: false,
      message:
        'pds.example.com is at an address that stays blocked: privateHosts allows private addresses only.',
    })
  })

  it.each(['other.example.com', 'a.pds.example.com', 'example.com', 'PDS.example.com', 'pds.example.com.'])(
    'SF-1 gives no private address of another name: %s',
    async (hostname) => {
      await expect(lookUp(hostname, ['192.168.1.10'], policy)).rejects.toMatchObject({
        code: 'blocked_address',
      })
    },
  )
})

describe('the error of a checked look-up', () => {
  it.each([[['192.168.1.10']], [['10.0.0.1', 'fd00::1']], [['1.1.1.1', '172.18.0.5']]])(
    'names the option when only private addresses are in the way: %j',
    async (addresses) => {
      await expect(lookUp('pds.host.dev', addresses)).rejects.toMatchObject({
        message:
          'pds.host.dev is at a private address. If that is intended, name it in the option privateHosts.',
      })
    },
  )

  it.each([[['127.0.0.1']], [['169.254.169.254']], [['10.0.0.1', '127.0.0.1']], [['fd00:ec2::254']]])(
    'does not name the option where it would not help: %j',
    async (addresses) => {
      const message = 'pds.host.dev is not at a public address.'
      await expect(lookUp('pds.host.dev', addresses)).rejects.toMatchObject({ message })
    },
  )
})

describe('the warning of a checked look-up', () => {
  function recordWarnings(addresses: readonly string[], policy = internet) {
    const warnings: string[] = []
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const lookup = checkedLookup(
      policy,
      (_name, _options, callback) => callback(null, found),
      (message) => warnings.push(message),
    )
    return { warnings, ask: (name: string) => lookup(name, { all: true }, () => undefined) }
  }

  it('tells the operator of the option once for each host', () => {
    const { warnings, ask } = recordWarnings(['192.168.1.10'])
    for (const name of ['pds.host.dev', 'pds.host.dev', 'as.host.dev']) ask(name)
    const advice = 'is at a private address. If that is intended, name it in the option privateHosts.'
    expect(warnings).toEqual([`pds.host.dev ${advice}`, `as.host.dev ${advice}`])
  })

  it('does not fill the log, however many names a visitor makes up', () => {
    const { warnings, ask } = recordWarnings(['10.0.0.1'])
    for (let count = 0; count < 1_000; count += 1) ask(`host${count}.evil.dev`)
    expect(warnings).toHaveLength(10)
  })

  it.each([[['127.0.0.1']], [['169.254.169.254']], [['1.1.1.1']], [['10.0.0.1', '::1']]])(
    'is not given where the option would not help: %j',
    (addresses) => {
      const { warnings, ask } = recordWarnings(addresses)
      ask('pds.host.dev')
      expect(warnings).toEqual([])
    },
  )
})
