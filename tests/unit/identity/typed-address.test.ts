/** DIDs and server addresses as people paste them: one spelling each, and no look-alikes. */
import { describe, expect, it } from 'vitest'
import { isDid, parseIdentifier, parseServerUrl } from '../../../lib/identity/syntax.ts'
import { labelled } from '../../support/unit/labelled.ts'

const PLC = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
const refused = expect.objectContaining({ code: 'invalid_identifier' })

describe('a DID has one spelling', () => {
  const variants = [
    ...[
      'did:PLC:ewvi7nxzyoun6zhxrhs64oiz',
      'DID:plc:ewvi7nxzyoun6zhxrhs64oiz',
      PLC.toUpperCase(),
      'did:Plc:ewvi7nxzyoun6zhxrhs64oiz',
    ],
    ...['did:plc:Ewvi7nxzyoun6zhxrhs64oiz', 'did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ', `${PLC}a`, PLC.slice(0, -1)],
    ...[
      'did:plc:%65wvi7nxzyoun6zhxrhs64oiz',
      'did:plc:ewvi7nxzyoun6zhxrhs64oi%7A',
      'did%3Aplc%3Aewvi7nxzyoun6zhxrhs64oiz',
    ],
    ...[
      'did:plc:ewvi7nxzyoun6zhxrhs64oi0',
      'did:plc:ewvi7nxzyoun6zhxrhs64oi1',
      'did:plc:ewvi7nxzyoun6zhxrhs64oi8',
      'did:plc:ewvi7nxzyoun6zhxrhs64oi9',
    ],
    ...[
      `${PLC}:`,
      `${PLC}#atproto_pds`,
      `${PLC}/`,
      `${PLC}?service=x`,
      `${PLC}.`,
      'did:plc::ewvi7nxzyoun6zhxrhs64oiz',
      ' did:plc',
    ],
    ...[
      'did:plc:ewvi7nxzyoun6zhxrhs64o\u0456z',
      'did:plc:ewvi7nxzyoun6zhxrhs64oi\uff5a',
      'did\uff1aplc:ewvi7nxzyoun6zhxrhs64oiz',
    ],
    ...[
      'did:web:Host.dev',
      'did:web:host.dev.',
      'did:web:host.dev%3A443',
      'did:web:host.dev:',
      'did:web:h%6fst.dev',
      'did:WEB:host.dev',
    ],
  ]
  it.each(labelled(variants))('I11 refuses %s', (_label, variant) => {
    expect(isDid(variant)).toBe(false)
    expect(() => parseIdentifier(variant)).toThrow(refused)
  })
})

describe('parseServerUrl', () => {
  it.each([
    ['https://bsky.social', 'https://bsky.social'],
    [' https://BSKY.social/ ', 'https://bsky.social'],
    ['HTTPS://pds.host.dev:443', 'https://pds.host.dev'],
    ['https://pds.host.dev:8443/', 'https://pds.host.dev:8443'],
    ['\u200bhttps://bsky.social\ufeff', 'https://bsky.social'],
    ['http://localhost:2583', 'http://localhost:2583'],
    ['http://[::1]:2583', 'http://[::1]:2583'],
  ])('ID-12 reads %j as %s', (typed, origin) => {
    expect(parseServerUrl(typed)).toBe(origin)
  })

  const others = [
    ...[
      '',
      'bsky.social',
      'alice.host.dev',
      PLC,
      'at://alice.host.dev',
      '//bsky.social',
      'https:bsky.social',
    ],
    ...[
      'https://bsky.social/path',
      'https://bsky.app/profile/alice.host.dev',
      'https://bsky.social?x',
      'https://bsky.social#x',
    ],
    ...[
      'https://user@bsky.social',
      'https://user:pw@bsky.social',
      'https://bsky.social\\@evil.dev',
      'https://bsky.social%2f',
    ],
    ...['ftp://bsky.social', 'javascript:alert(1)', 'file:///etc/passwd', 'https://', 'https:///bsky.social'],
    ...[
      'https://b\u00fccher.dev',
      'https://\u212aate.dev',
      'https://bsky\u3002social',
      'https://[fe80::1%25eth0]',
    ],
    ...[
      'https://bsky.social:99999',
      'https://bsky.social:http',
      'https://bsky social',
      `https://${'a'.repeat(1_100)}.dev`,
    ],
  ]
  it.each(labelled(others))('ID-12 does not take %s for a server', (_label, text) => {
    expect(parseServerUrl(text)).toBeUndefined()
  })
})
