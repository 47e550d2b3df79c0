import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseHttpProxy } from '../../../lib/net/http-proxy.ts'

const decoded = (text: string) =>
  Buffer.from(
    parseHttpProxy(text)
      .authorization()
      ?.replace(/^Basic /, '') ?? '',
    'base64',
  ).toString()

describe('parseHttpProxy', () => {
  it.each([
    ['http://proxy.internal:3128', 'http:', 'proxy.internal', 3128],
    ['http://proxy.internal/', 'http:', 'proxy.internal', 80],
    ['https://proxy.internal', 'https:', 'proxy.internal', 443],
    ['http://10.0.0.1:8080', 'http:', '10.0.0.1', 8080],
    ['http://[fd00::1]:3128', 'http:', 'fd00::1', 3128],
    ['http://localhost:3128', 'http:', 'localhost', 3128],
    ['http://proxy:3128', 'http:', 'proxy', 3128],
  ])('takes the address of a proxy, which may be anywhere: %s', (text, protocol, hostname, port) => {
    expect(parseHttpProxy(text)).toMatchObject({ protocol, hostname, port })
    expect(parseHttpProxy(text).authorization()).toBeUndefined()
  })

  it.each([
    ['http://user:pass@proxy:3128', 'user:pass'],
    ['http://user@proxy:3128', 'user:'],
    ['http://us%40er:p%3Aa%2Fs%25s@proxy:3128', 'us@er:p:a/s%s'],
    ['http://gr%C3%BC%C3%9Fe:pass@proxy', 'grüße:pass'],
    ['http://:pass@proxy', ':pass'],
  ])('decodes the credentials in %s', (text, credentials) => {
    expect(decoded(text)).toBe(credentials)
  })

  it('shows no credentials when it is printed', () => {
    const proxy = parseHttpProxy('http://user:canary@proxy:3128')
    const printed = [
      inspect(proxy, { depth: null, showHidden: true }),
      JSON.stringify(proxy),
      proxy.origin,
    ].join()
    expect(printed).not.toContain('canary')
    expect(printed).not.toContain(Buffer.from('user:canary').toString('base64'))
    expect(proxy.origin).toBe('http://proxy:3128')
  })

  it.each([
    '',
    'proxy.internal:3128',
    'socks5://proxy:1080',
    'ftp://proxy',
    'http://',
    'http://proxy:3128/path',
    'http://proxy:3128?x',
    'http://proxy:3128#x',
    'http://user:can%ary@proxy:3128',
    'http://us%3Aer:canary@proxy:3128',
    'http://user:canary@proxy:99999',
  ])('refuses %j, without quoting it', (text) => {
    expect(() => parseHttpProxy(text)).toThrow(
      /^The option proxy must be the http or https address of a proxy, such /,
    )
    expect(() => parseHttpProxy(text)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    )
  })
})
