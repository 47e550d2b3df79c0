/** Our syntax beside that of the reference implementation, on texts that neither has seen. */
import { isValidDid, isValidHandle, isValidNsid } from '@atproto/syntax'
import { describe, expect, it } from 'vitest'
import { isDid, isHandle, isNsid } from '../../../lib/identity/syntax.ts'

const pieces = [
  ...['a', 'Z', '0', '9', '-', '_', '.', '..', ':', '%', '%3A', '/', '#', '@', ' ', '\n', '\u00e9', '\u212a'],
  ...[
    'alice',
    'host',
    'dev',
    'com',
    'xn--',
    'test',
    'onion',
    'fooBar',
    'o'.repeat(62),
    'did:',
    'plc:',
    'web:',
  ],
  ...[
    '.a',
    '.0',
    '-a',
    'a-',
    '.dev',
    '.com',
    'app.bsky.feed.',
    'did:plc:',
    'did:web:',
    'ewvi7nxzyoun6zhxrhs64oiz',
  ],
]

/** Texts made of those pieces, always the same ones. */
function makeTexts(count: number): readonly string[] {
  let seed = 20_260_101
  const next = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + next(7) }, () => pieces[next(pieces.length)]).join(''),
  )
}

const texts = makeTexts(100_000)

describe('beside @atproto/syntax', () => {
  it('I4 ID-2 agrees on handles', () => {
    const lower = texts.map((text) => text.toLowerCase())
    expect(lower.filter((text) => isHandle(text) !== isValidHandle(text))).toEqual([])
    expect(lower.filter(isHandle).length).toBeGreaterThan(1_000)
  })

  it('R4 agrees on NSIDs', () => {
    expect(texts.filter((text) => isNsid(text) !== isValidNsid(text))).toEqual([])
    expect(texts.filter(isNsid).length).toBeGreaterThan(200)
  })

  it('I11 ID-6 takes no DID that the reference refuses', () => {
    const dids = texts.flatMap((text) => [text, `did:web:${text}`, `did:plc:${text}`])
    expect(dids.filter((text) => isDid(text) && !isValidDid(text))).toEqual([])
    expect(dids.filter(isDid).length).toBeGreaterThan(1_000)
  })
})
