import { describe, expect, it } from 'vitest'
import { parseWebOrigin, pictureUrl } from '../../../../lib/react/parts/web-address.ts'

describe('parseWebOrigin', () => {
  it.each([
    ['https://bsky.social', 'https://bsky.social'],
    ['https://bsky.social/', 'https://bsky.social'],
    ['bsky.social', 'https://bsky.social'],
    ['pds.example.com:8443', 'https://pds.example.com:8443'],
    ['HTTPS://PDS.example.com', 'https://pds.example.com'],
    ['http://localhost:2583', 'http://localhost:2583'],
    ['http://127.0.0.1:2583', 'http://127.0.0.1:2583'],
    ['http://[::1]:2583', 'http://[::1]:2583'],
  ])('takes %s as %s', (text, origin) => {
    expect(parseWebOrigin(text, 'x')).toBe(origin)
  })

  it.each([
    'http://bsky.social',
    'http://localhost.evil.dev',
    'ftp://bsky.social',
    'javascript:alert(1)',
    'https://bsky.social/path',
    'https://bsky.social?x',
    'https://user@bsky.social',
    'data:text/html,x',
    '',
    ' ',
  ])('refuses %j, and names the option', (text) => {
    expect(() => parseWebOrigin(text, 'signUpHosts')).toThrow(/^signUpHosts: expected an https address/)
  })
})

describe('pictureUrl', () => {
  it.each(['https://cdn.example.com/a.png', '/avatar', '/avatar?did=did:plc:x'])('takes %s', (text) => {
    expect(pictureUrl(text)).toBe(text)
  })

  it.each([
    ...[
      'http://cdn.example.com/a.png',
      '//cdn.example.com/a.png',
      '/\\cdn.example.com',
      '/\t/cdn.example.com',
      '/\n\\cdn.example.com',
      'javascript:alert(1)',
    ],
    ...['data:image/svg+xml,<svg/>', 'blob:https://x/y', 'a.png', '', undefined],
  ])('takes no picture from %s', (text) => {
    expect(pictureUrl(text)).toBeUndefined()
  })
})
