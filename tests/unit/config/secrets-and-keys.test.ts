import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readKeys } from '../../../lib/config/client-keys.ts'
import { parseSecrets, readSecrets } from '../../../lib/config/secrets.ts'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../lib/errors.ts'
import { labelled } from '../../support/unit/labelled.ts'
import { ecKey, pkcs8 } from '../../support/unit/pem.ts'

const FIX = /next-atproto-auth keys/

describe('readSecrets', () => {
  const strong = 'hM3lq0vX8kZt5RwYb2NcJd7FgPs9AeUi'

  it('reads one or several', () => {
    expect(readSecrets(strong, { isLoopback: false })).toEqual([strong])
    expect(readSecrets(`${strong},${strong}x`, { isLoopback: false })).toEqual([strong, `${strong}x`])
    expect(readSecrets([strong], { isLoopback: false })).toEqual([strong])
  })

  it.each([undefined, '', ' , '])(
    'is demanded on a public name (%j), with the variable and the fix',
    (given) => {
      expect(() => readSecrets(given, { isLoopback: false })).toThrow(/ATPROTO_SECRET is missing/)
      expect(() => readSecrets(given, { isLoopback: false })).toThrow(FIX)
    },
  )

  it('may be missing on this machine, where one is generated', () => {
    expect(readSecrets(undefined, { isLoopback: true })).toBeUndefined()
  })

  const weak = [
    'changeme',
    'secret',
    strong.slice(1),
    'a'.repeat(64),
    'abcabcabc'.repeat(8),
    '0123456789'.slice(0, 9).repeat(4),
  ]
  it.each(weak)('C6 refuses the weak secret %s without repeating it', (secret) => {
    expect(() => readSecrets(secret, { isLoopback: true })).toThrow(/ATPROTO_SECRET is too weak/)
    expect(() => readSecrets(secret, { isLoopback: true })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    )
  })

  it('C6 refuses a weak secret behind a strong one: it still opens cookies', () => {
    expect(() => readSecrets(`${strong},changeme`, { isLoopback: false })).toThrow(ConfigurationError)
  })
})

describe('readKeys', () => {
  it('reads JSON text and objects', async () => {
    const jwk = await generatePrivateJwk()
    const [text, object] = await Promise.all([readKeys(JSON.stringify({ keys: [jwk] })), readKeys([jwk])])
    expect(text.publicJwks).toEqual(object.publicJwks)
  })

  it('reads PEM, also as one line of an environment file', async () => {
    const pem = pkcs8(ecKey())
    const [text, line] = await Promise.all([readKeys(pem), readKeys(pem.replaceAll('\n', '\\n'))])
    expect(text.publicJwks).toEqual(line.publicJwks)
  })

  it.each([undefined, ''])('is demanded (%j), with the variable and the fix', async (value) => {
    await expect(readKeys(value)).rejects.toThrow(/ATPROTO_CLIENT_KEYS is missing/)
    await expect(readKeys(value)).rejects.toThrow(FIX)
  })

  it.each(labelled(['{', 'x', '""', '[]', '{}', 'null', 7, {}, '{"keys":[]}']))(
    'refuses %s and names the variable',
    async (_label, value) => {
      await expect(readKeys(value)).rejects.toThrow(/ATPROTO_CLIENT_KEYS is unusable/)
    },
  )

  it('does not show the key in the message about JSON that was cut off', async () => {
    const jwk = await generatePrivateJwk()
    const text = `{"d":"${jwk.d}"`
    const error: unknown = await readKeys(text).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(inspect(error, { depth: 9 })).not.toContain(jwk.d)
  })
})

describe('parseSecrets', () => {
  it.each([
    ['one', ['one']],
    ['new, old ', ['new', 'old']],
    [',a,,b,', ['a', 'b']],
    ['', undefined],
    [' , ', undefined],
    [undefined, undefined],
  ])('reads %j as %j', (text, expected) => {
    expect(parseSecrets(text)).toEqual(expected)
  })
})
