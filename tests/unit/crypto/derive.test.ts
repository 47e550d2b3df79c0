import { describe, expect, it } from 'vitest'
import { deriveKeys, randomToken, sha256Async } from '../../../lib/crypto/derive.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('deriveKeys', () => {
  it('gives unrelated keys for another label', async () => {
    const [[rows], [cookies]] = await Promise.all([
      deriveKeys(['secret'], 'rows'),
      deriveKeys(['secret'], 'cookies'),
    ])
    expect(hex(rows.bytes)).not.toBe(hex(cookies.bytes))
    expect(rows.kid).not.toBe(cookies.kid)
  })

  it('gives the same key and id for the same secret and label, call after call', async () => {
    const [[first], [second]] = await Promise.all([deriveKeys(['secret'], 'x'), deriveKeys(['secret'], 'x')])
    expect(first).toEqual(second)
  })

  it('keeps the id of a secret when a newer one is put before it', async () => {
    const [before] = await deriveKeys(['old'], 'x')
    const [, after] = await deriveKeys(['new', 'old'], 'x')
    expect(after).toEqual(before)
  })

  it('keeps the order of the secrets', async () => {
    const keys = await deriveKeys(['a', 'b', 'c'], 'x')
    const single = await Promise.all(
      ['a', 'b', 'c'].map(async (secret) => (await deriveKeys([secret], 'x'))[0]),
    )
    expect(keys).toEqual(single)
  })

  it('follows RFC 5869 with an empty salt', async () => {
    const { hkdfSync } = await import('node:crypto')
    const [key] = await deriveKeys(['secret'], 'label')
    const expected = hkdfSync('sha256', 'secret', '', 'next-atproto-auth/1/label', 32)
    expect(hex(key.bytes)).toBe(hex(new Uint8Array(expected)))
  })

  it('does not give the key away by its id', async () => {
    const [key] = await deriveKeys(['secret'], 'x')
    expect(Buffer.from(key.bytes).toString('base64url')).not.toContain(key.kid)
  })
})

describe('sha256Async', () => {
  it('is the base64url digest without padding', async () => {
    expect(await sha256Async('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })

  it('hashes a text by its UTF-8 bytes', async () => {
    expect(await sha256Async('ü')).toBe(await sha256Async(new Uint8Array([0xc3, 0xbc])))
  })
})

describe('randomToken', () => {
  it('is 256 bits of base64url and never the same', () => {
    const tokens = Array.from({ length: 1_000 }, randomToken)
    expect(tokens.every((token) => /^[A-Za-z0-9_-]{43}$/.test(token))).toBe(true)
    expect(new Set(tokens).size).toBe(1_000)
  })
})
