import { describe, expect, it } from 'vitest'
import { isDid, isHandle, parseDid, parseIdentifier } from '../../../lib/identity/syntax.ts'

const label63 = 'a'.repeat(63)
const name253 = `${[label63, label63, label63].join('.')}.${'b'.repeat(57)}.dev`
const PLC = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'

describe('isHandle', () => {
  const valid = [
    ...[
      'alice.bsky.social',
      'a.co',
      'xn--ls8h.test',
      'john.test',
      '8.cn',
      '0ndex.dev',
      '4chan.org',
      'a-b.dev',
    ],
    ...['laptop.local', 'blah.arpa', 'alice.onion', 'a.b.c.d.e.f.dev', '1.2.3.dev', 'name.t--t', 'x.d3v'],
    ...[`${label63}.dev`, name253],
  ]
  it.each(valid)('accepts %s', (text) => {
    expect(isHandle(text)).toBe(true)
  })

  const invalid = [
    ...[
      '',
      'alice',
      'com',
      '.',
      '.dev',
      'alice.',
      'alice.dev.',
      '.alice.dev',
      'alice..dev',
      'a .dev',
      'a.d v',
    ],
    ...['-alice.dev', 'alice-.dev', 'alice.-dev', 'alice.dev-', 'al_ice.dev', 'alice@dev.dev', 'alice.dev/x'],
    ...['alice.dev:8443', 'Alice.dev', 'alice.DEV', '1.2.3.4', '127.0.0.1', 'alice.0', 'alice.1dev', '[::1]'],
    ...['jürgen.dev', 'аlice.dev', 'alice。dev', 'ａlice.dev', 'alice.dev\n', '\u200balice.dev', '💩.dev'],
    ...['did:plc:x', '@alice.dev', 'at://alice.dev', 'https://alice.dev', `${label63}a.dev`, `a${name253}`],
  ]
  it.each(invalid)('refuses %j', (text) => {
    expect(isHandle(text)).toBe(false)
  })

  it('judges a long hostile text at once', () => {
    const begun = performance.now()
    expect(isHandle(`${'a-'.repeat(126)}.`)).toBe(false)
    expect(isHandle('a.'.repeat(500_000))).toBe(false)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

describe('isDid', () => {
  const web253 = `did:web:${name253}`
  it.each([PLC, 'did:web:host.dev', 'did:web:a.b.c.host.dev', 'did:web:xn--ls8h.dev', web253])(
    'accepts %s',
    (text) => {
      expect(isDid(text)).toBe(true)
    },
  )

  const invalid = [
    ...['', 'did', 'did:', 'did:plc', 'did:plc:', `${PLC}a`, PLC.slice(0, -1), PLC.toUpperCase()],
    ...[PLC.replace('plc', 'PLC'), PLC.replace('did', 'DID'), PLC.replace('e', 'E'), PLC.replace('e', '1')],
    ...[
      PLC.replace('e', '0'),
      PLC.replace('e', '8'),
      PLC.replace('e', '%65'),
      `${PLC}#x`,
      `${PLC}/x`,
      `${PLC}?x`,
    ],
    ...[` ${PLC}`, `${PLC}\n`, `${PLC}:x`, 'did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N'],
    ...[
      'did:web:',
      'did:web:localhost',
      'did:web:localhost%3A2583',
      'did:web:host.dev%3A8443',
      'did:web:host',
    ],
    ...['did:web:host.dev:8443', 'did:web:host.dev:user:alice', 'did:web:host.dev/user', 'did:web:Host.dev'],
    ...['did:web:127.0.0.1', 'did:web:169.254.169.254', 'did:web:[::1]', 'did:web:host.dev.', 'did:web:.dev'],
    ...['did:web:user@host.dev', 'did:web:host.dev#x', 'did:web:-host.dev', 'did:web:höst.dev', `${web253}a`],
  ]
  it.each(invalid)('refuses %j', (text) => {
    expect(isDid(text)).toBe(false)
  })
})

describe('parseIdentifier', () => {
  const forgiven = [
    ['alice.host.dev', 'alice.host.dev'],
    ['@alice.host.dev', 'alice.host.dev'],
    ['Alice.Host.DEV', 'alice.host.dev'],
    ['  @alice.host.dev \n', 'alice.host.dev'],
    ['at://alice.host.dev', 'alice.host.dev'],
    ['AT://@alice.host.dev', 'alice.host.dev'],
    ['\u202a@alice.host.dev\u202c', 'alice.host.dev'],
    ['\u2066alice.host.dev\u2069', 'alice.host.dev'],
    ['\u200balice\u00ad.host\u2060.dev\ufeff', 'alice.host.dev'],
    ['\u00a0alice.host.dev\u3000', 'alice.host.dev'],
    [`\u200e${PLC}\u200f`, PLC],
    [`at://${PLC}`, PLC],
    ['did:web:host.dev', 'did:web:host.dev'],
  ] as const
  it.each(forgiven)('ID-1 reads %j as %s', (input, expected) => {
    expect(parseIdentifier(input)).toBe(expected)
  })

  const refused = [
    ...[
      '',
      '   ',
      '@',
      '@@alice.host.dev',
      'alice',
      'alice@host.dev',
      'https://alice.host.dev',
      'alice.host.dev.',
    ],
    ...['at://alice.host.dev/app.bsky.feed.post/x', 'did:key:zQ3sh', 'did:web:localhost', PLC.toUpperCase()],
    ...['１２７.0.0.1', 'ａlice.host.dev', 'alice.host.dev\u0000', '＠alice.host.dev', 'alice，host.dev'],
  ]
  it.each(refused)('refuses %j', (input) => {
    expect(() => parseIdentifier(input)).toThrow(expect.objectContaining({ code: 'invalid_identifier' }))
  })

  it('never cuts an over-long text to the name of somebody else', () => {
    const padding = ' '.repeat(1_024 - 'alice.host.de'.length)
    let parsed: string | undefined
    try {
      parsed = parseIdentifier(`${padding}alice.host.dev`)
    } catch {
      // Refusing is as good as reading the whole.
    }
    expect(parsed).not.toBe('alice.host.de')
  })

  it('reads what fits into 1 024 characters, and nothing of what does not', () => {
    const padded = 'alice.host.dev'.padStart(1_024)
    expect(parseIdentifier(padded)).toBe('alice.host.dev')
    expect(() => parseIdentifier(` ${padded}`)).toThrow(
      expect.objectContaining({ code: 'invalid_identifier' }),
    )
  })

  it('does not repeat what was typed in the message', () => {
    expect(() => parseIdentifier('<script>canary')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })
})

describe('parseDid', () => {
  it('gives a valid DID back', () => {
    expect(parseDid(PLC)).toBe(PLC)
  })

  it.each(['alice.host.dev', ` ${PLC}`, 'did:key:z'])('forgives a server nothing: %j', (text) => {
    expect(() => parseDid(text)).toThrow(expect.objectContaining({ code: 'invalid_identifier' }))
  })
})
