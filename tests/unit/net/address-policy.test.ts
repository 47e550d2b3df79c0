import { describe, expect, it } from 'vitest'
import {
  type AddressPolicy,
  checkUrl,
  isAllowedAddress,
  isLoopbackHost,
  isPublicAddress,
  networkKey,
} from '../../../lib/net/address-policy.ts'

const internet: AddressPolicy = { allowLoopback: false }
const machine: AddressPolicy = { allowLoopback: true }

describe('isPublicAddress', () => {
  const publicAddresses = [
    ...[
      '1.1.1.1',
      '8.8.8.8',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
    ],
    ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255'],
    ...['192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
    ...['64:ff9b::808:808', '64:ff9b::8.8.8.8', '64:FF9B::0808:0808', '64:ff9b::800:0', '64:ff9b::b00:0'],
    ...['0064:ff9b:0000:0000:0000:0000:0808:0808', '64:ff9b:0:0:0:0:8.8.8.8', '64:ff9b:0::0:808:808'],
    ...['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888', '2400:cb00::1', '2003::1'],
  ]
  it.each(publicAddresses)('N3 lets %s through', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  const special = [
    ['0.0.0.0', 'this host'],
    ['0.1.2.3', 'this network'],
    ['10.0.0.0', 'private'],
    ['10.255.255.255', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.100.100.200', 'Alibaba metadata'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['168.63.129.16', 'Azure wire server'],
    ['169.254.169.254', 'metadata of most clouds'],
    ['169.254.170.2', 'ECS credentials'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', 'Oracle metadata'],
    ['192.0.0.8', 'IPv4 dummy address'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', '6to4 relay'],
    ['192.168.0.1', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['198.19.255.255', 'benchmarks'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.9', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'IPv4-compatible loopback'],
    ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
    ['::ffff:7f00:1', 'IPv4-mapped loopback in hex'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'IPv4-mapped metadata'],
    ['::ffff:8.8.8.8', 'IPv4-mapped, even of a public address'],
    ['64:ff9b::a9fe:a9fe', 'NAT64 of metadata'],
    ['64:ff9b::169.254.169.254', 'NAT64 of metadata'],
    ['64:ff9b::a83f:8110', 'NAT64 of the Azure wire server'],
    ['64:ff9b::7f00:1', 'NAT64 of loopback'],
    ['64:ff9b::127.0.0.1', 'NAT64 of loopback'],
    ['0064:FF9B:0:0:0:0:7F00:0001', 'NAT64 of loopback, written out'],
    ['64:ff9b::10.0.0.1', 'NAT64 of a private address'],
    ['64:ff9b::c0a8:10a', 'NAT64 of a private address'],
    ['64:ff9b::ac10:1', 'NAT64 of a private address'],
    ['64:ff9b::6440:1', 'NAT64 of a shared address'],
    ['64:ff9b::', 'NAT64 of 0.0.0.0'],
    ['64:ff9b::1', 'NAT64 of 0.0.0.1'],
    ['64:ff9b::e000:1', 'NAT64 of multicast'],
    ['64:ff9b::1:808:808', 'next to the NAT64 prefix'],
    ['64:ff9b:0:0:0:1::', 'next to the NAT64 prefix'],
    ['64:ff9a::808:808', 'next to the NAT64 prefix'],
    ['64:ff9c::808:808', 'next to the NAT64 prefix'],
    ['64:ff9b::808:808%eth0', 'NAT64 with a zone'],
    ['64:ff9b:1::808:808', 'NAT64 for local use, even of a public address'],
    ['64:ff9b:1::10.0.0.1', 'NAT64 for local use'],
    ['64:ff9b:1:ffff::8.8.8.8', 'NAT64 for local use'],
    ['64:ff9b:1::1', 'NAT64 for local use'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:0:7f00:1::', 'Teredo through loopback'],
    ['2001:10::1', 'ORCHID'],
    ['2001:20::1', 'ORCHIDv2'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4 of loopback'],
    ['2002:a9fe:a9fe::1', '6to4 of metadata'],
    ['2620:4f:8000::1', 'AS112'],
    ['3fff::1', 'documentation'],
    ['4000::1', 'not assigned'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'AWS metadata'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['2606:4700::1%eth0', 'public with a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
  ] as const
  it.each(special)('N3 SF-1 refuses %s (%s)', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['', 'localhost', '127.1', '0x7f.1', '2130706433', '1.1.1.1 ', '1.1.1.01', '1.1.1'])(
    'refuses %j, which is no address',
    (text) => {
      expect(isPublicAddress(text)).toBe(false)
    },
  )
})

describe('isAllowedAddress', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1'])('lets %s through on a local network only', (address) => {
    expect([isAllowedAddress(address, machine), isAllowedAddress(address, internet)]).toEqual([true, false])
  })

  it.each(['10.0.0.1', '192.168.1.1', '169.254.169.254', '::ffff:127.0.0.1', 'fd00::1', '0.0.0.0', '::'])(
    'refuses %s even on a local network',
    (address) => {
      expect(isAllowedAddress(address, machine)).toBe(false)
    },
  )

  it.each(['127.evil.dev', '127.0.0.1.evil.dev', '127.', '127.1', 'localhost', ''])(
    'refuses %j, which is no address',
    (address) => {
      expect([isAllowedAddress(address, machine), isPublicAddress(address)]).toEqual([false, false])
    },
  )
})

describe('isAllowedAddress with privateHosts', () => {
  const policy: AddressPolicy = { allowLoopback: false, privateHosts: ['pds.example.com'] }

  const privateAddresses = [
    ...['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.18.0.5', '172.31.255.255', '192.168.1.10'],
    ...['::ffff:192.168.1.10', '::ffff:a00:1', 'fc00::1', 'fd00::1', 'fd12:3456:789a::1', 'fdff::ffff'],
  ]
  it.each(privateAddresses)('lets a named host be at %s, and no other host', (address) => {
    const hosts = ['pds.example.com', 'a.pds.example.com', 'example.com', 'xpds.example.com', '']
    expect(hosts.map((host) => isAllowedAddress(address, policy, host))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(isAllowedAddress(address, policy)).toBe(false)
  })

  it('lets a named host be at a public address too', () => {
    expect(isAllowedAddress('1.1.1.1', policy, 'pds.example.com')).toBe(true)
  })

  const blocked = [
    ['127.0.0.1', 'loopback'],
    ['127.8.8.8', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['::', 'unspecified'],
    ['169.254.1.1', 'link-local'],
    ['169.254.169.254', 'metadata of most clouds'],
    ['168.63.129.16', 'Azure wire server'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.100.100.200', 'Alibaba metadata'],
    ['192.0.0.192', 'Oracle metadata'],
    ['172.15.255.255.', 'no address'],
    ['198.18.0.1', 'benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fd00::1%eth0', 'unique local with a zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['fd00:ec2::254', 'AWS metadata'],
    ['FD00:0EC2:0::254', 'AWS metadata, written out'],
    ['fd00:ec2::23', 'AWS pod identity'],
    ['fd20:ce::254', 'Google metadata'],
    ['fd00:c1::a9fe:a9fe', 'Oracle metadata'],
    ['fd00:42::42', 'Scaleway metadata'],
    ['fd00:a9fe:a9fe::1', 'Akamai metadata'],
    ['fd00:100::100:200', 'Alibaba metadata'],
    ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
    ['::ffff:169.254.169.254', 'IPv4-mapped metadata'],
    ['::ffff:100.64.0.1', 'IPv4-mapped shared address'],
    ['::10.0.0.1', 'IPv4-compatible'],
    ['64:ff9b::10.0.0.1', 'NAT64 of a private address'],
    ['64:ff9b::c0a8:10a', 'NAT64 of a private address'],
    ['64:ff9b::7f00:1', 'NAT64 of loopback'],
    ['64:ff9b:1::a00:1', 'NAT64 for local use'],
    ['2002:a00:1::', '6to4 of a private address'],
    ['2002:c0a8:10a::1', '6to4 of a private address'],
  ] as const
  it.each(blocked)('SF-1 refuses %s (%s) even for a named host', (address) => {
    expect(isAllowedAddress(address, policy, 'pds.example.com')).toBe(false)
  })
})

describe('networkKey', () => {
  it('is as in earlier versions while no host is named', () => {
    expect([networkKey(internet), networkKey({ ...machine, privateHosts: [] })]).toEqual([false, true])
  })

  it('differs between clients that name other hosts', () => {
    const lists = [['a.dev'], ['b.dev'], ['a.dev', 'b.dev'], []]
    const keys = lists.flatMap((privateHosts) =>
      [internet, machine].map((policy) => JSON.stringify(networkKey({ ...policy, privateHosts }))),
    )
    expect(new Set(keys).size).toBe(8)
  })
})

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '[::1]'])('knows %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true)
  })

  it.each(['localhost.', 'a.localhost', '127.0.0.2', '127.0.0.1.evil.dev', '::1', '0.0.0.0', ''])(
    'does not take %j for this machine',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false)
    },
  )
})

describe('checkUrl on a local network', () => {
  it.each(['http://localhost:2583/x', 'http://127.0.0.1:2583', 'http://[::1]:2583', 'https://pds.test:8443'])(
    'allows %s',
    (url) => {
      expect(checkUrl(url, machine).href).toBe(new URL(url).href)
    },
  )

  const refused = [
    'http://pds.test',
    'http://pds.host.dev',
    'http://10.0.0.1',
    'https://10.0.0.1',
    'http://169.254.169.254/latest/meta-data',
    'http://user@localhost',
    'http://localhost:6379',
    'ftp://localhost',
  ]
  it.each(refused)('still refuses %s', (url) => {
    expect(() => checkUrl(url, machine)).toThrow(expect.objectContaining({ code: 'blocked_address' }))
  })
})
