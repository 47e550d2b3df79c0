import { describe, expect, it } from 'vitest'
import { createErrorReference, signInErrorReference } from '../../../lib/web/error-reference.ts'
import { noReferences } from '../../support/unit/no-references.ts'

describe('N10 createErrorReference', () => {
  it('makes another one each time, which the page takes for one', () => {
    const made = Array.from({ length: 2_000 }, createErrorReference)
    expect(new Set(made).size).toBe(made.length)
    expect(made.map(signInErrorReference)).toEqual(made)
  })

  it('uses each of 32 characters, none of which looks like another', () => {
    const used = new Set(Array.from({ length: 2_000 }, createErrorReference).join(''))
    expect(used.size).toBe(32)
    for (const character of '01IO') expect(used).not.toContain(character)
  })
})

describe('N10 signInErrorReference', () => {
  it.each(noReferences)('is undefined for %s', (_, text) => {
    expect(signInErrorReference(text)).toBeUndefined()
  })

  it.each([[['7K3QX9MP']], [['7K3QX9MP', '7K3QX9MP']], [undefined], [null], [new String('7K3QX9MP')]])(
    'is undefined for what is no text: %j',
    (value) => {
      expect(signInErrorReference(value)).toBeUndefined()
    },
  )
})
