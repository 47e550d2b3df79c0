import { describe, expect, it, vi } from 'vitest'
import { facetsSchema } from '../../../app/_data/facets.ts'
import { segmentsOf } from '../../../app/_post/segments.ts'

const ownHost = 'app.host.dev'
const of = (kind: string) => `app.bsky.richtext.facet#${kind}`
const link = (uri: unknown) => ({ $type: of('link'), uri })
const facet = (byteStart: unknown, byteEnd: unknown, ...features: readonly unknown[]) => ({
  index: { byteStart, byteEnd },
  features,
})

/** What a page shows of a record: plain text as it is, all else with what it is. */
function shown(text: string, facets: unknown, host = ownHost) {
  return segmentsOf(text, facetsSchema.parse(facets), host).map(({ at: _, ...segment }) =>
    segment.kind === 'text' ? segment.text : segment,
  )
}

/** What a page shows of a link with these words and this target, which is all of the text. */
function shownLink(words: string, uri: string, host = ownHost) {
  const [segment, ...more] = shown(words, [facet(0, Buffer.byteLength(words), link(uri))], host)
  expect(more).toEqual([])
  return segment
}

const example = { kind: 'link', text: 'link', href: 'https://example.com/', host: 'example.com' }
const mention = { $type: of('mention'), did: 'did:plc:alice' }
const tag = { $type: of('tag'), tag: 'tea' }

describe('segmentsOf', () => {
  it('cuts at bytes, not at characters of the string', () => {
    const text = '👩‍👩‍👧‍👧 é猫 link!'
    const start = Buffer.byteLength('👩‍👩‍👧‍👧 é猫 ')
    const facets = [facet(start, start + 4, link('https://example.com/'))]
    expect(shown(text, facets)).toEqual(['👩‍👩‍👧‍👧 é猫 ', example, '!'])
  })

  it('shows links, mentions and hashtags in the order of the text, whatever that of the record', () => {
    const facets = [facet(18, 22, tag), facet(5, 17, { $type: 'x.y.z#new' }, mention)]
    const linked = [facet(0, 4, link('https://example.com')), ...facets]
    expect(shown('link @alice.test #tea', [facet(17, 21, tag), facet(5, 16, mention), linked[0]])).toEqual([
      example,
      ' ',
      { kind: 'mention', text: '@alice.test', did: 'did:plc:alice' },
      ' ',
      { kind: 'tag', text: '#tea', tag: 'tea' },
    ])
  })

  it('takes the first feature that it knows', () => {
    expect(
      shown('link', [facet(0, 4, null, { $type: 'x.y.z#new' }, link(1), link('https://example.com'))]),
    ).toEqual([example])
  })

  it('keeps a byte order mark, and text that is no proper Unicode', () => {
    expect(shown('\ufefflink', [facet(3, 7, link('https://example.com'))])).toEqual(['\ufeff', example])
    expect(shown('\ud800link', [facet(3, 7, link('https://example.com'))])).toEqual(['\ufffd', example])
  })
})

describe('malformed facets leave the text as it is', () => {
  const text = 'a 👩 link'
  const good = link('https://example.com')
  it.each([
    ['no list', 'facets'],
    ['null', null],
    ['nothing', undefined],
    ['an object', { length: 1, 0: facet(0, 1, good) }],
    ['values that are no facets', [null, 1, 'x', [], {}, { index: {}, features: [] }]],
    ['offsets of wrong types', [facet('0', '1', good), facet(0.5, 1, good), facet(null, 1, good)]],
    ['a start below zero', [facet(-1, 1, good)]],
    ['an end behind the text', [facet(0, 12, good), facet(0, 2 ** 53 - 1, good)]],
    ['offsets no computer can count', [facet(0, 1e300, good), facet(1e300, 1e301, good)]],
    ['an end before the start', [facet(3, 1, good)]],
    ['no width', [facet(1, 1, good)]],
    ['a start within a character', [facet(3, 7, good)]],
    ['an end within a character', [facet(0, 4, good)]],
    ['white space alone', [facet(1, 2, good)]],
    ['no features', [facet(0, 1)]],
    ['features that are no list', [{ index: { byteStart: 0, byteEnd: 1 }, features: good }]],
    [
      'unknown features',
      [facet(0, 1, { $type: 'x.y.z#link', uri: 'https://example.com' }, { uri: 'https://a.b' })],
    ],
    ['fields of wrong types', [facet(0, 1, link(1)), facet(0, 1, link(['https://example.com']))]],
    [
      'a DID that is none',
      [facet(0, 1, { ...mention, did: 'alice.test' }), facet(0, 1, { ...mention, did: 'did:plc:a/../b' })],
    ],
    ['a tag that is none', [facet(0, 1, { ...tag, tag: '' }), facet(0, 1, { ...tag, tag: 'x'.repeat(641) })]],
    ['words that are no mention', [facet(0, 1, mention)]],
    ['words that are another hashtag', [facet(0, 1, tag)]],
    [
      'half a character',
      [facet(0, 1, { ...tag, tag: '\ud800' }), facet(0, 1, { ...mention, did: 'did:plc:\ud800' })],
    ],
    ['an endless address', [facet(0, 1, link(`https://example.com/${'a'.repeat(2_048)}`))]],
  ])('%s', (_, facets) => {
    expect(shown(text, facets).join('')).toBe(text)
  })

  it('half a character in a hashtag cannot break the address of its page', () => {
    expect(shown('#\ud800', [facet(0, 4, { ...tag, tag: '\ud800' })])).toEqual(['#\ufffd'])
  })

  it('one that overlaps an earlier one is ignored, in whatever order they are', () => {
    const facets = [facet(2, 6, link('https://evil.example')), facet(0, 4, good), facet(1, 3, good)]
    expect(shown('linking', facets)).toEqual([example, 'ing'])
    expect(shown('linking', facets.toReversed())).toEqual([example, 'ing'])
  })

  it('of a text of a megabyte that 150 facets cover, only short parts are read', () => {
    const text = 'a'.repeat(1_000_000)
    const facets = Array.from({ length: 150 }, (_, at) => facet(at, 1_000_000, link('javascript:0')))
    const read = vi.spyOn(Buffer.prototype, 'toString')
    expect(shown(text, facets)).toEqual([text])
    expect(read).toHaveBeenCalledTimes(1)
    read.mockRestore()
  })

  it('of 10,000, the first 150 are looked at', () => {
    const facets = Array.from({ length: 10_000 }, (_, at) => facet(at, at + 1, good))
    expect(shown('a'.repeat(10_000), facets)).toHaveLength(151)
    expect(shown('link', [...facets.fill(facet(0, 9, good), 0, 150), facet(0, 4, good)])).toEqual(['link'])
  })
})

describe('a link that is dangerous is shown as its words', () => {
  it.each([
    ['a script', 'javascript:alert(1)'],
    ['a script in disguise', '\u0001 JaVa\tScRiPt:alert(1)//https://example.com'],
    ['a page of its own', 'data:text/html,<script>alert(1)</script>'],
    ['a blob', 'blob:https://example.com/1'],
    ['a file', 'file:///etc/passwd'],
    ['another program', 'intent://x#Intent;end'],
    ['a user name like a host', 'https://bank.example@evil.example/'],
    ['a password', 'https://a:b@evil.example/'],
    ['a path alone', '/oauth/login?identifier=mallory.test'],
    ['no address', 'https://'],
    ['an address that is none', 'https://[::1'],
  ])('%s', (_, uri) => {
    expect(shownLink('link', uri)).toBe('link')
  })
})

describe('a link into this app is shown as its words', () => {
  it.each([
    ['its origin', 'https://app.host.dev'],
    ['the route that starts a sign-in', 'https://app.host.dev/oauth/login?identifier=mallory.test'],
    ['a path below its basePath', 'https://app.host.dev/base/oauth/logout'],
    ['http', 'http://app.host.dev/'],
    ['another port', 'https://app.host.dev:8443/'],
    ['its own port', 'https://app.host.dev:443/'],
    ['upper case', 'HTTPS://APP.HOST.DEV/'],
    ['a trailing dot', 'https://app.host.dev./'],
    ['two trailing dots', 'https://app.host.dev../'],
    ['full-width letters', 'https://ａｐｐ．ｈｏｓｔ．ｄｅｖ/'],
    ['an escape', 'https://%61pp.host.dev/'],
    ['a soft hyphen', 'https://ap\u00adp.host.dev/'],
    ['backslashes', 'https:\\\\app.host.dev\\oauth\\login'],
    ['no slashes', 'https:app.host.dev/oauth/login'],
    ['line breaks', 'https://app.\nhost.dev/'],
  ])('%s', (_, uri) => {
    expect(shownLink('link', uri)).toBe('link')
  })

  it('whatever dots and letters its own address has', () => {
    expect(shownLink('link', 'https://host.internal', 'host.internal.')).toBe('link')
  })

  it.each([
    'http://127.0.0.1:3000/oauth/login',
    'http://localhost:3000/',
    'http://LOCALHOST./',
    'http://app.localhost/',
    'http://127.1/',
    'http://127.9.9.9/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:0.0.0.0]/',
    'http://１２７.0.0.1/',
  ])('and so is one to the reader’s machine: %s', (uri) => {
    expect(shownLink('link', uri)).toBe('link')
  })

  it.each([
    'https://host.dev',
    'https://notapp.host.dev',
    'https://app.host.dev.evil.example',
    'http://notlocalhost',
  ])('but not one to another host: %s', (uri) => {
    expect(shownLink('link', uri)).toMatchObject({ kind: 'link' })
  })
})

describe('a reader is told where a link leads', () => {
  const host = 'evil.example'
  const uri = 'https://evil.example/path'

  it.each([
    ['evil.example'],
    ['https://evil.example/path'],
    ['Evil.Example/pa…'],
    ['www.evil.example:443'],
    ['http://evil.example?q'],
  ])('the words are enough when they begin with its host: %s', (words) => {
    expect(shownLink(words, uri)).toMatchObject({ text: words, href: uri, host: undefined })
  })

  it.each([
    ['words', 'Click here'],
    ['another domain', 'bank.example'],
    ['another address', 'https://bank.example/login'],
    ['a user name like a domain', 'https://bank.example@evil.example/'],
    ['a name that it begins', 'evil.example.bank.example'],
    ['a name that it ends', 'bank-evil.example'],
    ['words behind its host', 'evil.example is bank.example'],
    ['a host with a hidden mark', 'evil\u200b.example'],
    ['a host and a line break', 'evil.example\nbank.example'],
    ['a letter that looks alike', 'еvil.example'],
  ])('its host is shown behind %s', (_, words) => {
    expect(shownLink(words, uri)).toMatchObject({ text: words, host })
  })

  it('a name in another script is shown in its form of letters a to z, too, with its port', () => {
    const words = 'https://bücher.example:8443'
    expect(shownLink(words, words)).toMatchObject({ text: words, host: 'xn--bcher-kva.example:8443' })
  })

  it.each(['\u202e', '\u202d', '\u2067', '\u2066', '\u2068', '\u202b', '\u200f', '\u061c'])(
    'a control character that turns words around (%j) is taken out',
    (control) => {
      const words = `${control}elpmaxe.knab//:sptth`
      expect(shownLink(words, uri)).toMatchObject({ text: 'elpmaxe.knab//:sptth', host })
      expect(shownLink(`${control}evil.example`, uri)).toMatchObject({
        text: 'evil.example',
        host: undefined,
      })
      expect(
        shown(`#t${control}ea`, [facet(0, 4 + Buffer.byteLength(control), { ...tag, tag: `t${control}ea` })]),
      ).toEqual([`#t${control}ea`])
    },
  )
})
