import { describe, expect, it } from 'vitest'
import { parsePrivateHosts } from '../../../lib/net/private-hosts.ts'

const internet = { allowLoopback: false }

describe('parsePrivateHosts', () => {
  const names = [
    'pds.example.com',
    'pds.lan',
    'pds.home.arpa',
    'pds.internal',
    'nas.local',
    'xn--bcher-kva.dev',
  ]
  it.each(names)('takes %s', (name) => {
    expect(parsePrivateHosts([name], internet)).toEqual([name])
  })

  it('takes no names at all', () => {
    expect([parsePrivateHosts(undefined, internet), parsePrivateHosts([], internet)]).toEqual([[], []])
  })

  it('returns the same list for the same hosts', () => {
    const twice = parsePrivateHosts(['b.dev', 'a.dev', 'b.dev'], internet)
    expect(twice).toEqual(parsePrivateHosts(['a.dev', 'b.dev'], internet))
  })

  const attacks = {
    'a wildcard': ['*.example.com', '*', 'pds.*.com', '.example.com'],
    'an IP address': [
      '192.168.1.10',
      '127.0.0.1',
      '[::1]',
      'fd00::1',
      '10.1',
      '0x7f.1',
      '2130706433',
      '1.2.3',
    ],
    'another spelling than that of URLs': [
      'PDS.example.com',
      'pds.example.com.',
      'bücher.dev',
      'a%2eb.dev',
      ' a.dev',
    ],
    'more than a name': [
      'https://pds.example.com',
      'pds.example.com:443',
      'pds.example.com/',
      'u:canary@a.dev',
    ],
    'a name of one label': ['pds', 'localhost', 'lan', 'com'],
    'a reserved name': [
      'a.localhost',
      'a.onion',
      'a.alt',
      'a.example',
      'a.invalid',
      'a.test',
      'home.arpa',
      '10.arpa',
    ],
    'no name': ['', '.', '-a.dev', 'a..dev', 'a b.dev', `${'a'.repeat(64)}.dev`, `${'a.'.repeat(130)}dev`],
  }
  for (const [attack, entries] of Object.entries(attacks)) {
    it.each(entries)(`refuses ${attack}: %j`, (entry) => {
      expect(() => parsePrivateHosts(['pds.example.com', entry], internet)).toThrow(
        /^The option privateHosts\.1 must be a full host name in lower case, such as pds\.example\.com: no scheme, /,
      )
    })
  }

  it('does not quote an entry that may hold credentials', () => {
    expect(() => parsePrivateHosts(['https://user:canary@pds.example.com'], internet)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })

  it('takes names under .test on a local network', () => {
    expect(parsePrivateHosts(['pds.test'], { allowLoopback: true })).toEqual(['pds.test'])
  })
})
