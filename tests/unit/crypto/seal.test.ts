import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { createSealer, keyIdOf } from '../../../lib/crypto/seal.ts'

const row = { did: 'did:plc:canary', accessToken: 'token-canary' }
const context = ['session', 'client-a', 'hash-1']
const sealer = createSealer(['secret'], 'session row')

describe('createSealer', () => {
  it('opens what it sealed', async () => {
    expect(await sealer.open(await sealer.seal(row, context), context)).toEqual(row)
  })

  it('shows nothing of the content', async () => {
    const sealed = await sealer.seal(row, context)
    const decoded = sealed.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    expect(decoded.join()).not.toContain('canary')
  })

  it('never seals the same row to the same text', async () => {
    expect(await sealer.seal(row, context)).not.toBe(await sealer.seal(row, context))
  })

  it('names the key it used in the header', async () => {
    expect(decodeProtectedHeader(await sealer.seal(row, context))).toMatchObject({
      alg: 'dir',
      enc: 'A256GCM',
    })
  })

  const elsewhere = [
    ['another kind of row', ['state', 'client-a', 'hash-1']],
    ['another client', ['session', 'client-b', 'hash-1']],
    ['another session', ['session', 'client-a', 'hash-2']],
    ['the same words cut otherwise', ['session', 'client-ahash-1']],
    ['no context', []],
  ] as const
  it.each(elsewhere)('does not open a row that was moved to %s', async (_where, other) => {
    expect(await sealer.open(await sealer.seal(row, context), other)).toBeUndefined()
  })

  it('does not open a row that was sealed for another purpose', async () => {
    const states = createSealer(['secret'], 'state row')
    expect(await states.open(await sealer.seal(row, context), context)).toBeUndefined()
  })

  it('does not open a row that was sealed with an unknown secret', async () => {
    const attacker = createSealer(['attacker'], 'session row')
    expect(await sealer.open(await attacker.seal(row, context), context)).toBeUndefined()
  })

  it('opens an old row after a newer secret was added', async () => {
    const rotated = createSealer(['newer', 'secret'], 'session row')
    expect(await rotated.open(await sealer.seal(row, context), context)).toEqual(row)
  })

  it('seals with the newest secret', async () => {
    const rotated = createSealer(['newer', 'secret'], 'session row')
    expect(await sealer.open(await rotated.seal(row, context), context)).toBeUndefined()
  })

  it('does not open a row whose secret was removed', async () => {
    const renewed = createSealer(['newer'], 'session row')
    expect(await renewed.open(await sealer.seal(row, context), context)).toBeUndefined()
  })

  it('does not open a row with any one character altered', async () => {
    const sealed = await sealer.seal(row, context)
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'Q' : 'A'}${sealed.slice(at + 1)}`
      expect(await sealer.open(altered, context), `character ${at}`).toBeUndefined()
    }
  })

  it('does not open a truncated row, wherever it was cut', async () => {
    const sealed = await sealer.seal(row, context)
    for (let length = 0; length < sealed.length; length += 1) {
      expect(await sealer.open(sealed.slice(0, length), context), `length ${length}`).toBeUndefined()
    }
  })

  it('does not open an unsealed JSON row that was written into the store', async () => {
    expect(await sealer.open(JSON.stringify(row), context)).toBeUndefined()
  })

  it('does not open a row whose header asks for another algorithm', async () => {
    const [, ...rest] = (await sealer.seal(row, context)).split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', enc: 'A256GCM' })).toString('base64url')
    expect(await sealer.open([header, ...rest].join('.'), context)).toBeUndefined()
  })

  it.each([
    [['secret'], true],
    [['newer', 'secret'], true],
    [['newer'], false],
  ] as const)(
    'with the secrets %j has the key of a text that was sealed with "secret": %s',
    async (secrets, has) => {
      const kid = keyIdOf(await sealer.seal(row, context))
      expect(await createSealer(secrets, 'session row').hasKey(kid)).toBe(has)
    },
  )

  it('has no key of another purpose', async () => {
    const kid = keyIdOf(await sealer.seal(row, context))
    expect(await createSealer(['secret'], 'state row').hasKey(kid)).toBe(false)
  })
})
