import { describe, expect, it } from 'vitest'
import { parseCid } from '../../../../lib/oauth/resource/service-id.ts'
import { base32, cidOfBlob, cidOfRecord, createRecordKeys } from '../../../../lib/testing/network/cid.ts'

describe('base32', () => {
  it('is that of RFC 4648 §10, in lower case and without padding', () => {
    const vectors = {
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    }
    for (const [text, expected] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(expected)
  })
})

describe('a CID', () => {
  it('of a blob is that of every other implementation', () => {
    expect(cidOfBlob(Buffer.from('hello world'))).toBe(
      'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    )
  })

  it('of a record is well-formed and tells contents apart', () => {
    const cid = cidOfRecord({ text: 'Hello' })
    expect(parseCid(cid)).toMatch(/^bafyrei/)
    expect(cidOfRecord({ text: 'Hello!' })).not.toBe(cid)
  })
})

describe('a record key', () => {
  it('is a TID, and later than all before it although the clock stands still', () => {
    const newKey = createRecordKeys(() => 1_700_000_000_000)
    const keys = Array.from({ length: 50 }, newKey)
    for (const key of keys) expect(key).toMatch(/^[2-7a-j][2-7a-z]{12}$/)
    expect(keys.toSorted()).toEqual(keys)
    expect(new Set(keys).size).toBe(50)
  })
})
