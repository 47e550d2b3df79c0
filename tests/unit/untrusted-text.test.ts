/** Text of another server, made fit for errors, logs and terminals. */
import { describe, expect, it } from 'vitest'
import { cleanText, escapeControls, redact } from '../../lib/untrusted-text.ts'

const token = `opaque+token/${'Ab3'.repeat(200)}==`
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.${'s'.repeat(86)}`

describe('cleanText', () => {
  it.each([
    ['a line break', 'one\r\ntwo', 'one two'],
    ['a terminal command', 'a\u001b]52;c;aGk=\u0007b\u009b31mc', 'a]52;c;aGk=b31mc'],
    ['marks that turn the text round', 'safe\u202egnp.exe\u2066', 'safegnp.exe'],
    ['line separators', 'one\u2028two\u2029three\u0085four', 'one two three four'],
    ['DEL, NUL and a byte order mark', '\ufeffa\u007fb\u0000c', 'abc'],
    ['spaces around it', '  one \t two  ', 'one two'],
    ['nothing but control characters', '\u0000\u202e\n', undefined],
  ])('takes out %s', (_what, text, expected) => {
    expect(cleanText(text)).toBe(expected)
  })

  it('keeps 300 characters, or as many as asked for', () => {
    expect(cleanText('x'.repeat(1_000))).toHaveLength(300)
    expect(cleanText('x'.repeat(1_000), { maxLength: 12 })).toBe('x'.repeat(12))
  })

  it.each([
    ['whole', `sent ${token}.`],
    ['in part', `sent ${token.slice(0, 40)}…`],
    ['percent-encoded', `sent ${encodeURIComponent(token)}`],
    ['split by characters that are taken out', `sent ${token.slice(0, 9)}\u200b${token.slice(9)}`],
    ['after 100,000 other characters', `${'x '.repeat(50_000)}${token}`],
    ['across the place where the text is cut', `${'x'.repeat(290)} ${token}`],
    ['twice', `${token} and ${token}`],
  ])('redacts a secret that the server quotes %s', (_how, text) => {
    const shown = cleanText(text, { secrets: [token], maxLength: 200_000 })
    expect(shown).not.toContain(token.slice(0, 10))
    expect(shown).not.toContain('Ab3Ab3')
    expect(cleanText(text, { secrets: [token] }) ?? '').not.toContain('Ab3')
  })

  it('redacts JWTs, tokens and codes that nobody named', () => {
    const words = [
      jwt,
      `tok-${'0f'.repeat(32)}`,
      `ref-${'0f'.repeat(32)}`,
      `code-${'0f'.repeat(32)}`,
      `req-${'0f'.repeat(32)}`,
    ]
    expect(cleanText(`Got ${words.join(', ')}!`)).toBe(`Got ${words.map(() => '[redacted]').join(', ')}!`)
  })

  it('keeps scopes, DIDs, addresses and ordinary words', () => {
    const text =
      'Missing "repo:app.bsky.feed.post?action=create" for did:plc:ewvi7nxzyoun6zhxrhs64oiz at https://pds.example/x'
    expect(cleanText(text, { secrets: [token, 'short', ''] })).toBe(text)
  })
})

describe('redact', () => {
  it('leaves the line breaks of a text that is shown as it is', () => {
    expect(redact(`one\n${token}\ntwo`, [token])).toBe('one\n[redacted]\ntwo')
  })

  it('redacts a short secret as a whole only', () => {
    expect(redact('pin 1234, pint', ['1234'])).toBe('pin [redacted], pint')
  })
})

describe('escapeControls', () => {
  it('shows what a log or terminal would act on', () => {
    expect(escapeControls('a\u009b31m\u202eb\u2028c\u007fd\ne\u{e0041}')).toBe(
      'a\\u009b31m\\u202eb\\u2028c\\u007fd\\u000ae\\udb40\\udc41',
    )
  })

  it('leaves letters of every script and emoji', () => {
    expect(escapeControls('bücher 日本語 🙂 "quoted"')).toBe('bücher 日本語 🙂 "quoted"')
  })
})
