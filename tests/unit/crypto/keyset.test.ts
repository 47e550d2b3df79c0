import { inspect } from 'node:util'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  forgetSigningKey,
  generatePrivateJwk,
  importKeyset,
  importSigningKey,
  parsePrivateJwk,
} from '../../../lib/crypto/keyset.ts'
import { ConfigurationError } from '../../../lib/errors.ts'

describe('importKeyset', () => {
  it('KS-1 publishes public members only', async () => {
    const jwk = await generatePrivateJwk()
    const { publicJwks } = await importKeyset({ ...jwk, kid: 'k1', key_ops: ['sign'], ext: true })
    const { kty, crv, x, y } = jwk
    expect(publicJwks).toEqual({ keys: [{ kty, crv, x, y, kid: 'k1', alg: 'ES256', use: 'sig' }] })
    expect(JSON.stringify(publicJwks)).not.toContain(jwk.d)
  })

  it('names a key without kid by its RFC 7638 thumbprint', async () => {
    const jwk = await generatePrivateJwk()
    const { active } = await importKeyset(jwk)
    expect(active.kid).toBe(await calculateJwkThumbprint({ ...jwk }))
  })

  it('takes one key, a list and a JWKS alike', async () => {
    const jwk = await generatePrivateJwk()
    const sets = await Promise.all([jwk, [jwk], { keys: [jwk] }].map(importKeyset))
    expect(new Set(sets.map(({ publicJwks }) => JSON.stringify(publicJwks))).size).toBe(1)
  })

  it('KS-7 signs with the first key and publishes all', async () => {
    const [newer, older] = [await generatePrivateJwk(), await generatePrivateJwk()]
    const keyset = await importKeyset([
      { ...newer, kid: 'newer' },
      { ...older, kid: 'older' },
    ])
    expect(keyset.active.kid).toBe('newer')
    expect(keyset.publicJwks.keys.map(({ kid }) => kid)).toEqual(['newer', 'older'])
  })

  it('finds a key by its id, and none that is not configured', async () => {
    const keyset = await importKeyset({ ...(await generatePrivateJwk()), kid: 'k1' })
    expect(keyset.find('k1')).toBe(keyset.active)
    expect(keyset.find('k2')).toBeUndefined()
  })

  it('KS-2 refuses two keys of one id', async () => {
    const keys = [await generatePrivateJwk(), await generatePrivateJwk()].map((jwk) => ({ ...jwk, kid: 'k' }))
    await expect(importKeyset(keys)).rejects.toBeInstanceOf(ConfigurationError)
  })

  it('refuses one key given twice', async () => {
    const jwk = await generatePrivateJwk()
    await expect(importKeyset([jwk, jwk])).rejects.toBeInstanceOf(ConfigurationError)
  })

  it.each(['ES384', 'ES512', 'EdDSA', 'RS256'])('KS-2 refuses a key for %s', async (algorithm) => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
    await expect(importKeyset(await exportJWK(privateKey))).rejects.toBeInstanceOf(ConfigurationError)
  })

  it('refuses a public key', async () => {
    const { d: _d, ...publicJwk } = await generatePrivateJwk()
    await expect(importKeyset(publicJwk)).rejects.toBeInstanceOf(ConfigurationError)
  })

  it('refuses a symmetric key', async () => {
    await expect(importKeyset({ kty: 'oct', k: 'c2VjcmV0' })).rejects.toBeInstanceOf(ConfigurationError)
  })

  it('refuses a public half that belongs to another private key', async () => {
    const [mine, other] = [await generatePrivateJwk(), await generatePrivateJwk()]
    await expect(importKeyset({ ...mine, x: other.x, y: other.y })).rejects.toBeInstanceOf(ConfigurationError)
  })

  it.each([undefined, null, '', 'key', 7, true, {}, [], { keys: [] }, { keys: 'x' }, [null]])(
    'refuses %j',
    async (value) => {
      await expect(importKeyset(value)).rejects.toBeInstanceOf(ConfigurationError)
    },
  )

  const spoilt = [
    ['a short d', (d: string) => ({ d: d.slice(1) })],
    ['a d in plain base64', (d: string) => ({ d: `+/${d.slice(2)}` })],
    ['a point off the curve', () => ({ x: 'A'.repeat(43) })],
    ['a numeric kid', () => ({ kid: 7 })],
  ] as const
  it.each(spoilt)('does not show the key in the complaint about %s', async (_what, change) => {
    const jwk = await generatePrivateJwk()
    const error: unknown = await importKeyset({ ...jwk, ...change(jwk.d) }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(inspect(error, { depth: 9 })).not.toContain(jwk.d.slice(2))
  })
})

describe('parsePrivateJwk', () => {
  it('keeps the five members and drops the rest', async () => {
    const jwk = await generatePrivateJwk()
    expect(parsePrivateJwk({ ...jwk, kid: 'k', alg: 'ES256', extra: 1 })).toEqual(jwk)
  })
})

describe('importSigningKey', () => {
  it('KS-10 makes a key that signs, and that shows no private half', async () => {
    const jwk = await generatePrivateJwk()
    const key = await importSigningKey(jwk)
    const shown = inspect(key, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(key)
    expect(shown).toContain(jwk.x)
    expect(shown).not.toContain(jwk.d)
  })

  it('imports a key once', async () => {
    const jwk = await generatePrivateJwk()
    expect(await importSigningKey(jwk)).toBe(await importSigningKey({ ...jwk }))
  })

  it('refuses a public half of another key although the private half was imported before', async () => {
    const [mine, other] = [await generatePrivateJwk(), await generatePrivateJwk()]
    await importSigningKey(mine)
    await expect(importSigningKey({ ...mine, x: other.x, y: other.y })).rejects.toThrow()
  })

  it('keeps an imported key for five minutes, however often it signs', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const jwk = await generatePrivateJwk()
    const first = await importSigningKey(jwk)
    vi.advanceTimersByTime(299_999)
    expect(await importSigningKey(jwk)).toBe(first)
    vi.advanceTimersByTime(1)
    expect(await importSigningKey(jwk)).not.toBe(first)
  })

  it('imports a key again once it was forgotten', async () => {
    const jwk = await generatePrivateJwk()
    const first = await importSigningKey(jwk)
    forgetSigningKey(jwk)
    expect(await importSigningKey(jwk)).not.toBe(first)
  })

  it('knows the thumbprint of the public key', async () => {
    const jwk = await generatePrivateJwk()
    const { jkt, publicJwk } = await importSigningKey(jwk)
    expect(jkt).toBe(await calculateJwkThumbprint({ ...publicJwk }))
  })

  it('tries again after an import that failed', async () => {
    const jwk = await generatePrivateJwk()
    await expect(importSigningKey({ ...jwk, x: 'A'.repeat(43) })).rejects.toThrow()
    await expect(importSigningKey(jwk)).resolves.toMatchObject({ publicJwk: { x: jwk.x } })
  })
})

describe('generatePrivateJwk', () => {
  it('makes another key each time', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, generatePrivateJwk))
    expect(new Set(keys.map(({ d }) => d)).size).toBe(10)
  })
})
