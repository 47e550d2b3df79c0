import { describe, expect, it } from 'vitest'
import { checkUrl } from '../../../lib/net/address-policy.ts'

const internet = { allowLoopback: false }

describe('checkUrl', () => {
  const allowed = [
    'https://bsky.social',
    'https://pds.host.dev/',
    'https://pds.host.dev:8443/xrpc/x?y=z',
    'https://a.b.c.d.host.dev',
    'https://xn--bcher-kva.dev',
    'https://example.com',
    'https://localhost.host.dev',
    'https://test.dev',
    'https://10.0.0.1.nip.dev',
  ]
  it.each(allowed)('allows %s', (url) => {
    expect(checkUrl(url, internet).href).toBe(new URL(url).href)
  })

  const attacks = {
    'this machine by name': ['https://localhost', 'https://LOCALHOST:8443', 'https://localhost./'],
    'this machine by number': ['https://127.0.0.1', 'https://127.0.0.1.', 'https://[::1]', 'https://0.0.0.0'],
    'a short IPv4 address': ['https://127.1', 'https://127.0.1', 'https://0', 'https://10.1'],
    'a decimal IPv4 address': ['https://2130706433', 'https://2852039166/latest/meta-data'],
    'an octal IPv4 address': ['https://0177.0.0.1', 'https://017700000001', 'https://0300.0250.0.1'],
    'a hexadecimal IPv4 address': ['https://0x7f.0.0.1', 'https://0x7f000001', 'https://0xA9FEA9FE'],
    'mixed number forms': ['https://0x7f.1', 'https://169.0376.0xa9.254'],
    'digits of other scripts': ['https://①②⑦.⓪.⓪.①', 'https://127。0。0。1', 'https://１２７.0.0.1'],
    'percent-encoded dots': ['https://127%2e0%2e0%2e1', 'https://%6c%6f%63alhost'],
    'an IPv4-mapped address': ['https://[::ffff:127.0.0.1]', 'https://[::ffff:a9fe:a9fe]'],
    'an IPv4-compatible address': ['https://[::127.0.0.1]'],
    'a NAT64 address': ['https://[64:ff9b::127.0.0.1]', 'https://[64:ff9b:1::a9fe:a9fe]'],
    'a 6to4 address': ['https://[2002:7f00:1::]'],
    'a Teredo address': ['https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
    'link-local and unique local addresses': ['https://[fe80::1]', 'https://[fd00:ec2::254]'],
    'a zone id': ['https://[fe80::1%25eth0]', 'https://[fe80::1%eth0]'],
    'a metadata service': ['https://169.254.169.254/', 'https://100.100.100.200', 'https://metadata'],
    'a metadata service by name': ['https://metadata.google.internal'],
    'even a public address': ['https://1.1.1.1', 'https://[2606:4700:4700::1111]'],
    'a name with a trailing dot': ['https://pds.host.dev.', 'https://bsky.social.:443/'],
    'a name of one label': ['https://intranet', 'https://com', 'https://vm:8443'],
    'credentials in the URL': [
      'https://user@pds.host.dev',
      'https://:pw@pds.host.dev',
      'https://bsky.social@evil.dev',
    ],
    'plain http': ['http://pds.host.dev', 'http://localhost:3000', 'http://127.0.0.1'],
    'other protocols': [
      'ftp://pds.host.dev',
      'file:///etc/passwd',
      'data:text/plain,x',
      'javascript:alert(1)',
      'gopher://pds.host.dev',
      'ws://pds.host.dev',
      'blob:https://pds.host.dev/x',
    ],
    'no URL at all': [
      '',
      ' ',
      'pds.host.dev',
      '/path',
      '//pds.host.dev',
      'https://',
      'https://[',
      'https:// x',
    ],
  }
  for (const [attack, urls] of Object.entries(attacks)) {
    it.each(urls)(`N3 SF-1 refuses ${attack}: %j`, (url) => {
      expect(() => checkUrl(url, internet)).toThrow(expect.objectContaining({ code: 'blocked_address' }))
    })
  }

  const reserved = 'alt arpa example invalid localhost onion test'.split(' ')
  it.each(reserved)('SF-1 refuses names under .%s', (tld) => {
    expect(() => checkUrl(`https://pds.host.${tld}`, internet)).toThrow(/reserved/)
  })

  it.each(['internal', 'lan', 'local', 'home.arpa'])(
    'SF-1 refuses names under .%s, and names the option for them',
    (tld) => {
      expect(() => checkUrl(`https://pds.${tld}`, internet)).toThrow(
        `Refused to contact https://pds.${tld}: pds.${tld} is a name of private networks. If that is intended, name it in the option privateHosts.`,
      )
    },
  )

  it('tells the operator of the option once for each host, and not without end', () => {
    const warnings: string[] = []
    const policy = { ...internet, warn: (message: string) => void warnings.push(message) }
    const attempt = (url: string) => expect(() => checkUrl(url, policy)).toThrow()
    for (const name of ['pds.lan', 'pds.lan', 'pds.test']) attempt(`https://${name}`)
    expect(warnings).toEqual([expect.stringContaining('pds.lan is a name of private networks.')])
    for (let count = 0; count < 100; count += 1) attempt(`https://host${count}.lan`)
    expect(warnings).toHaveLength(10)
  })

  const services = [22, 23, 25, 53, 110, 143, 389, 445 + 20, 2375, 3306, 5432, 6379, 9200, 11211, 27017]
  it.each(services)('SF-1 refuses port %d, where no HTTP is spoken', (port) => {
    expect(() => checkUrl(`https://pds.host.dev:${port}`, internet)).toThrow(/does not serve HTTP/)
  })

  describe('with privateHosts', () => {
    const policy = { allowLoopback: false, privateHosts: ['pds.example.com', 'pds.lan', 'xn--bcher-kva.lan'] }

    const named = ['https://pds.lan', 'https://PDS.lan:8443/x', 'https://pds。lan', 'https://bücher.lan']
    it.each(named)('allows a reserved name that the operator has named: %s', (url) => {
      expect(checkUrl(url, policy).href).toBe(new URL(url).href)
    })

    const others = {
      'http to a named host': ['http://pds.lan', 'http://pds.example.com', 'http://pds.lan:443'],
      'a name under a named one': [
        'https://a.pds.lan',
        'https://pds.lan.lan',
        'https://xpds.lan',
        'https://lan',
      ],
      'a named host with a trailing dot': ['https://pds.lan.', 'https://pds.example.com.'],
      'a port of a named host where no HTTP is spoken': ['https://pds.lan:22', 'https://pds.lan:6379'],
      'credentials in front of a named host': ['https://user@pds.lan', 'https://pds.lan@evil.lan'],
      'an IP address, whatever is named': ['https://192.168.1.10', 'https://[fd00::1]', 'https://127.0.0.1'],
    }
    for (const [attack, urls] of Object.entries(others)) {
      it.each(urls)(`SF-1 refuses ${attack}: %j`, (url) => {
        expect(() => checkUrl(url, policy)).toThrow(expect.objectContaining({ code: 'blocked_address' }))
      })
    }
  })

  it('names the origin of the refused URL, for the log', () => {
    expect(() => checkUrl('http://pds.host.dev/a?b', internet)).toThrow(
      expect.objectContaining({ endpoint: 'http://pds.host.dev' }),
    )
  })

  it('shows neither credentials, path nor query of the refused URL', () => {
    expect(() => checkUrl('http://canary:canary@pds.host.dev/canary?canary#canary', internet)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })
})
