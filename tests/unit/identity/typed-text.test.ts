/** What people type and paste, as an exact table: what is forgiven, and what is refused rather than read as a look-alike. */
import { describe, expect, it } from 'vitest'
import { parseIdentifier } from '../../../lib/identity/syntax.ts'
import { labelled } from '../../support/unit/labelled.ts'

const PLC = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
const refused = expect.objectContaining({ code: 'invalid_identifier' })
const chars = (...codes: readonly number[]) => codes.map((code) => String.fromCodePoint(code))

/** Marks that copying drags along and nobody sees: removed wherever they are. */
const pasteMarks = chars(
  ...[0x00ad, 0x061c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff],
)
/** White space of all kinds: forgiven around the name, not in it. */
const whiteSpace = chars(
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x2000, 0x2003, 0x2009, 0x200a, 0x2028, 0x2029],
  ...[0x202f, 0x205f, 0x3000],
)
/** Invisible as well, but of no use around a name. */
const otherInvisible = chars(
  0x00,
  0x07,
  0x1b,
  0x7f,
  0x85,
  0x034f,
  0x115f,
  0x180e,
  0x2800,
  0x3164,
  0xfe0f,
  0xffa0,
)

describe('parseIdentifier forgives', () => {
  it.each(labelled(pasteMarks))('I4 ID-1 the mark %s anywhere', (_label, mark) => {
    for (const text of [
      `${mark}alice.host.dev`,
      `alice.host.dev${mark}`,
      `ali${mark}ce.host.dev`,
      `${mark}@${mark}alice.host.dev`,
    ])
      expect(parseIdentifier(text)).toBe('alice.host.dev')
    expect(parseIdentifier(`${mark}${PLC}${mark}`)).toBe(PLC)
  })

  it.each(labelled(whiteSpace))(
    'I4 ID-1 the white space %s around the name, and not in it',
    (_label, space) => {
      expect(parseIdentifier(`${space}alice.host.dev${space}${space}`)).toBe('alice.host.dev')
      expect(() => parseIdentifier(`ali${space}ce.host.dev`)).toThrow(refused)
      expect(() => parseIdentifier(`alice.host.dev${space}mallory.host.dev`)).toThrow(refused)
    },
  )

  const table = {
    ' @Alice.Example.COM ': 'alice.example.com',
    'ALICE.HOST.DEV': 'alice.host.dev',
    '@alice.host.dev': 'alice.host.dev',
    'at://alice.host.dev': 'alice.host.dev',
    'AT://Alice.Host.Dev': 'alice.host.dev',
    'at://@alice.host.dev': 'alice.host.dev',
    [`at://${PLC}`]: PLC,
    [`@${PLC}`]: PLC,
    'xn--bcher-kva.dev': 'xn--bcher-kva.dev',
    'laptop.local': 'laptop.local',
    'friend.expyuzz4wqqyqhjn.onion': 'friend.expyuzz4wqqyqhjn.onion',
  }
  it.each(Object.entries(table))('I4 %j as %s', (typed, expected) => {
    expect(parseIdentifier(typed)).toBe(expected)
  })
})

describe('parseIdentifier refuses', () => {
  it.each(labelled(otherInvisible))('I4 the character %s', (_label, mark) => {
    for (const text of [`${mark}alice.host.dev`, `ali${mark}ce.host.dev`, `alice.host.dev${mark}`].slice(
      mark === '\u0085' ? 1 : 0,
    ))
      expect(() => parseIdentifier(text)).toThrow(refused)
  })

  const lookAlikes = {
    'Cyrillic letters': ['\u0430lice.host.dev', 'alice.h\u043est.dev', '\u0440aypal.dev'],
    'Greek letters': ['\u03b1lice.host.dev', 'alice.h\u03bfst.dev'],
    'letters that lower case turns into Latin ones': [
      '\u212aate.host.dev',
      'alice.ho\u017ft.dev',
      '\u0130an.host.dev',
    ],
    'fullwidth letters': ['\uff41lice.host.dev', 'alice\uff0ehost\uff0edev', '\uff20alice.host.dev'],
    'digits of other scripts': ['\u0661.host.dev', '\u2460.host.dev', '\uff11.host.dev'],
    'dots of other scripts': ['alice\u3002host.dev', 'alice\uff61host.dev', 'alice\u2024host.dev'],
    'hyphens of other scripts': ['a\u2010b.dev', 'a\u2011b.dev', 'a\u2212b.dev', 'a\u2013b.dev'],
    'combining marks': ['e\u0301ve.host.dev', 'alice\u0307.host.dev'],
    'ligatures and superscripts': ['\ufb01sh.host.dev', 'alice\u00b2.host.dev', '\u2115ice.host.dev'],
    'names in their own script': ['b\u00fccher.dev', '\u{1f4a9}.dev', '\u30c6\u30b9\u30c8.dev'],
    'slashes of other scripts': ['alice.host.dev\u2215x', 'alice.host.dev\uff0fx'],
  }
  for (const [kind, names] of Object.entries(lookAlikes)) {
    it.each(labelled(names))(`I4 ${kind}: %s`, (_label, name) => {
      expect(() => parseIdentifier(name)).toThrow(refused)
    })
  }

  const malformed = [
    ...['', ' ', '@', '.', 'at://', '@@alice.host.dev', '@at://alice.host.dev', 'at://at://alice.host.dev'],
    ...[
      'alice',
      'alice.',
      '.alice.dev',
      'alice..dev',
      'alice.host.dev.',
      '@alice.host.dev.',
      'alice.host.dev..',
    ],
    ...[
      '-a.dev',
      'a-.dev',
      'a.-dev',
      'a.dev-',
      'al_ice.dev',
      'al+ice.dev',
      'al%69ce.dev',
      'a*.dev',
      'alice.1dev',
    ],
    ...['alice@host.dev', 'alice.host.dev:443', 'alice.host.dev/x', 'alice.host.dev?x', 'alice.host.dev#x'],
    ...['127.0.0.1', '1.2.3.4.5', '0x7f.0.0.1', '2130706433', '[::1]', '::1', '169.254.169.254', '10.1'],
    ...['https://alice.host.dev', 'http://169.254.169.254', 'https://alice.host.dev/profile/alice.host.dev'],
    ...[`${'a'.repeat(64)}.dev`, `${'a.'.repeat(130)}dev`, `${' '.repeat(2_000)}alice.host.dev`],
    ...['alice.host.dev, bob.host.dev', '<alice.host.dev>', '"alice.host.dev"', 'alice.host.dev\\', "a'.dev"],
    ...['did:', 'did:plc:', 'did:key:zQ3sh', 'did:web:', 'did:example:123', 'did:ethr:0xb9c5714089478a'],
  ]
  it.each(labelled(malformed))('I4 ID-6 %s', (_label, text) => {
    expect(() => parseIdentifier(text)).toThrow(refused)
  })
})

describe('the address of a profile page', () => {
  const HANDLE = 'alice.host.dev'
  const table = {
    'https://bsky.app/profile/alice.host.dev': HANDLE,
    'http://bsky.app/profile/alice.host.dev': HANDLE,
    'bsky.app/profile/alice.host.dev': HANDLE,
    'HTTPS://BSKY.APP/profile/Alice.Host.Dev': HANDLE,
    ' https://bsky.app/profile/alice.host.dev/ ': HANDLE,
    'https://bsky.app/profile/@alice.host.dev': HANDLE,
    'https://bsky.app/profile/alice.host.dev?ref=share': HANDLE,
    'https://bsky.app/profile/alice.host.dev#top': HANDLE,
    'https://bsky.app/profile/alice.host.dev/post/3l6oveex3ii2l': HANDLE,
    'https://bsky.app/profile/alice.host.dev/feed/x?y=z': HANDLE,
    'https://main.bsky.dev/profile/alice.host.dev': HANDLE,
    'https://staging.bsky.app/profile/alice.host.dev': HANDLE,
    'https://deer.social/profile/alice.host.dev': HANDLE,
    'https://blacksky.community/profile/alice.host.dev': HANDLE,
    [`https://bsky.app/profile/${PLC}`]: PLC,
    [`bsky.app/profile/${PLC}/post/3l6oveex3ii2l`]: PLC,
    'https://bsky.app/profile/did:web:host.dev': 'did:web:host.dev',
    '\u200bhttps://bsky.app/profile/alice.host.dev\ufeff': HANDLE,
  }
  it.each(Object.entries(table))('I4 %j names %s', (typed, expected) => {
    expect(parseIdentifier(typed)).toBe(expected)
  })

  const others = [
    ...['https://evil.dev/profile/alice.host.dev', 'https://bsky.app.evil.dev/profile/alice.host.dev'],
    ...[
      'https://bsky.app@evil.dev/profile/alice.host.dev',
      'https://evil.dev/bsky.app/profile/alice.host.dev',
    ],
    ...['https://bsky.app:8443/profile/alice.host.dev', 'ftp://bsky.app/profile/alice.host.dev'],
    ...[
      'https://bsky.app/profile/',
      'https://bsky.app/profile/alice',
      'https://bsky.app/profile/b\u00fccher.dev',
    ],
    ...['https://bsky.app/profile/did%3Aplc%3Aewvi7nxzyoun6zhxrhs64oiz', 'https://bsky.app/alice.host.dev'],
    ...['https://b\u0455ky.app/profile/alice.host.dev', 'at://bsky.app/profile/alice.host.dev'],
    ...[
      'https://bsky.app/profile/https://bsky.app/profile/alice.host.dev',
      'https://bsky.app/Profile/../alice',
    ],
  ]
  it.each(labelled(others))('I4 names nobody: %s', (_label, text) => {
    expect(() => parseIdentifier(text)).toThrow(refused)
  })
})

describe('a text that is something else', () => {
  const kinds = {
    email: ['alice@host.dev', 'a.b+c@host.co.uk', ' alice@host.dev '],
    web_address: [
      ...['https://alice.host.dev', 'http://169.254.169.254', 'https://evil.dev/profile/alice.host.dev'],
      ...['alice.host.dev/x', 'alice.host.dev?x', 'social.dev/@alice', 'https://pds.host.dev:8443/path'],
    ],
    other_letters: ['b\u00fccher.dev', '\u0430lice.host.dev', 'alice\u3002host.dev', '\u212aate.host.dev'],
  }
  for (const [looksLike, texts] of Object.entries(kinds)) {
    it.each(labelled(texts))(`I4 is refused as ${looksLike}: %s`, (_label, text) => {
      const error = { name: 'InvalidIdentifierError', code: 'invalid_identifier', looksLike }
      expect(() => parseIdentifier(text)).toThrow(expect.objectContaining(error))
    })
  }

  const unknown = [
    '',
    'alice',
    'alice smith',
    '@',
    'did:key:zQ3sh',
    'alice\uff0chost.dev',
    '\u{1f4a9}',
    'a*.dev',
    '@alice@mastodon.example',
  ]
  it.each(labelled(unknown))('I4 is refused as nothing in particular: %s', (_label, text) => {
    expect(() => parseIdentifier(text)).toThrow(
      expect.objectContaining({ code: 'invalid_identifier', looksLike: undefined }),
    )
  })

  it.each([
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    ['B\u00dcCHER.example', 'xn--bcher-kva.example'],
    ['@\u30c6\u30b9\u30c8.dev', 'xn--zckzah.dev'],
    // Looks like "alice": its form does not.
    ['\u0430lice.host.dev', 'xn--lice-43d.host.dev'],
  ])('I4 is not taken, but the message names its form: %s', (typed, form) => {
    expect(() => parseIdentifier(typed)).toThrow(`Servers know such a name as ${form};`)
  })

  it.each(['b\u00fccher.dev/<script>', 'b\u00fccher.dev"x', 'b\u00fccher.dev x', '\u00fc@b\u00fccher.dev'])(
    'I4 is never repeated in the message: %s',
    (typed) => {
      expect(() => parseIdentifier(typed)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/xn--|script|"|\u00fc/) }),
      )
    },
  )
})
