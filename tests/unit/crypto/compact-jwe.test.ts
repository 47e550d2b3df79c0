/** The texts that stored rows are sealed as: what jose makes of them, and what is refused although the key fits. */
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { decryptCompact, encryptCompact, headerOf, type JweHeader } from '../../../lib/crypto/compact-jwe.ts'

const secret = randomBytes(32)
const key = createSecretKey(secret)
const header: JweHeader = { alg: 'dir', enc: 'A256GCM', kid: 'k1', ctx: 'context' }
const texts = ['', '{}', '{"text":"grüße 🦋"}', 'x'.repeat(5_000)]
const open = (jwe: string) => decryptCompact(jwe, (kid) => (kid === 'k1' ? key : undefined))

interface Parts {
  readonly header?: object
  readonly ivLength?: number
  readonly tagLength?: number
}

/** A text whose parts are right for the key, but not as this library makes them. */
function craft({ header: own = header, ivLength = 12, tagLength = 16 }: Parts) {
  const head = Buffer.from(JSON.stringify(own)).toString('base64url')
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
  cipher.setAAD(Buffer.from(head))
  const ciphertext = Buffer.concat([cipher.update('{}'), cipher.final()])
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  return [head, '', ...parts].join('.')
}

describe('a compact JWE', () => {
  it.each(texts)('of %j is opened again', (text) => {
    expect(open(encryptCompact(text, header, key))).toEqual({ plaintext: text, header })
  })

  it.each(texts)('of %j is opened by jose, as in older versions', async (text) => {
    const { plaintext, protectedHeader } = await compactDecrypt(encryptCompact(text, header, key), secret)
    expect([new TextDecoder().decode(plaintext), protectedHeader]).toEqual([text, header])
  })

  it.each(texts)('of %j that jose has made, as in older versions, is opened', async (text) => {
    const made = new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader({ ...header })
    expect(open(await made.encrypt(secret))).toEqual({ plaintext: text, header })
  })

  it('names key and kind in its header', () => {
    const jwe = encryptCompact('{}', header, key)
    expect(decodeProtectedHeader(jwe)).toEqual(header)
    expect(headerOf(jwe)).toEqual(header)
  })

  it('never has the same initialisation vector twice', () => {
    const ivs = Array.from({ length: 1_000 }, () => encryptCompact('{}', header, key).split('.')[2])
    expect(new Set(ivs).size).toBe(1_000)
  })
})

describe('refuses, although the key fits,', () => {
  it('nothing of a text that is crafted as this library makes them', () => {
    expect(open(craft({})).plaintext).toBe('{}')
  })

  it.each([4, 8, 12, 13, 14, 15])('a tag of %i bytes, which is easier to guess', (tagLength) => {
    expect(() => open(craft({ tagLength }))).toThrow()
  })

  it.each([4, 8, 12, 15])('the first %i bytes of the right tag', (length) => {
    const [head, , iv, ciphertext, tag = ''] = encryptCompact('{}', header, key).split('.')
    const short = Buffer.from(tag, 'base64url').subarray(0, length).toString('base64url')
    expect(() => open([head, '', iv, ciphertext, short].join('.'))).toThrow()
  })

  it.each([1, 8, 16])('an initialisation vector of %i bytes', (ivLength) => {
    expect(() => open(craft({ ivLength }))).toThrow()
  })

  it.each([
    ['another algorithm of the key', { ...header, alg: 'A256KW' }],
    ['no algorithm', { ...header, alg: 'none' }],
    ['another cipher', { ...header, enc: 'A128CBC-HS256' }],
    ['compressed content', { ...header, zip: 'DEF' }],
    ['an extension', { ...header, crit: ['exp'], exp: 1 }],
    ['no key', { ...header, kid: undefined }],
    ['a key that is not known', { ...header, kid: 'k2' }],
    ['no context', { ...header, ctx: undefined }],
    ['a context that is no text', { ...header, ctx: ['context'] }],
    ['a list', [header]],
  ])('a header of %s', (_, other) => {
    expect(() => open(craft({ header: other }))).toThrow()
  })

  const jwe = encryptCompact('{}', header, key)
  const parts = jwe.split('.')
  it.each([
    ['an encrypted key', parts.with(1, 'AAAA')],
    ['a part more', [...parts, '']],
    ['a part less', parts.slice(0, 4)],
    ['padding', parts.with(2, `${parts[2]}=`)],
    ['a line break', parts.with(4, `${parts[4]}\n`)],
    ['a character that is not of base64url', parts.with(3, `${parts[3]}!`)],
    ['bits left over in the tag', parts.with(4, `${parts[4]?.slice(0, -1)}${next(parts[4]?.at(-1))}`)],
    ['another header with the same content', parts.with(0, reordered())],
    ['another initialisation vector', parts.with(2, randomBytes(12).toString('base64url'))],
  ])('%s', (_, changed) => {
    expect(open(jwe).plaintext).toBe('{}')
    expect(() => open(changed.join('.'))).toThrow()
  })
})

/** A character that differs only in its last bit, which stands for nothing at the end of 16 bytes. */
function next(character = 'A'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt(alphabet.indexOf(character) + 1)
}

function reordered(): string {
  const { ctx, ...rest } = header
  return Buffer.from(JSON.stringify({ ctx, ...rest })).toString('base64url')
}
