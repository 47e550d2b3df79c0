import { describe, expect, it } from 'vitest'
import { isDid, isHandle, isNsid, parseIdentifier } from '../../lib/identity/syntax.ts'
import { readVectors } from '../support/interop/vectors.ts'

/** DIDs that are valid by their syntax, but of a kind that the AT Protocol does not bless, are refused. */
const isBlessed = (text: string) => /^did:(plc:[a-z2-7]{24}|web:[a-z0-9.-]+)$/.test(text)
const accepts = (text: string) => {
  try {
    parseIdentifier(text)
    return true
  } catch {
    return false
  }
}

describe('the public syntax vectors', () => {
  const vectors = (name: string) => readVectors(`${name}.txt`)

  it('I4 ID-2 holds all valid handles for valid, in lower case', () => {
    const handles = vectors('handle_syntax_valid')
    expect(handles.length).toBeGreaterThan(50)
    expect(handles.filter((text) => !isHandle(text.toLowerCase()))).toEqual([])
    expect(handles.filter((text) => parseIdentifier(text) !== text.toLowerCase())).toEqual([])
  })

  it('I4 ID-2 holds all invalid handles for invalid, and forgives white space around them only', () => {
    const handles = vectors('handle_syntax_invalid')
    expect(handles.length).toBeGreaterThan(40)
    expect(handles.filter((text) => isHandle(text.toLowerCase()))).toEqual([])
    expect(handles.filter(accepts).map((text) => text.trim())).toEqual(['john.test', 'john.test'])
  })

  it('ID-6 holds the valid DIDs of blessed methods for valid and no other', () => {
    const dids = vectors('did_syntax_valid')
    expect(dids.filter(isBlessed)).toHaveLength(2)
    expect(dids.filter(isDid)).toEqual(dids.filter(isBlessed))
  })

  it('ID-6 holds all invalid DIDs for invalid', () => {
    const dids = vectors('did_syntax_invalid')
    expect(dids.filter(isDid)).toEqual([])
    // No DID, but a handle.
    expect(dids.filter(accepts)).toEqual(['did.method.val'])
  })

  it('ID-1 reads all valid at-identifiers of blessed methods', () => {
    const texts = vectors('atidentifier_syntax_valid')
    expect(texts.filter((text) => !accepts(text) && !text.startsWith('did:method:'))).toEqual([])
  })

  it('ID-1 reads no invalid at-identifier', () => {
    expect(vectors('atidentifier_syntax_invalid').filter(accepts)).toEqual([])
  })

  it('R4 holds all valid NSIDs for valid', () => {
    expect(vectors('nsid_syntax_valid').filter((text) => !isNsid(text))).toEqual([])
  })

  it('R4 holds all invalid NSIDs for invalid', () => {
    expect(vectors('nsid_syntax_invalid').filter(isNsid)).toEqual([])
  })
})
