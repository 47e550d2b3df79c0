import { describe, expect, it } from 'vitest'
import { parseSuggestions, toQuery } from '../../../../lib/react/suggestions/handle-search.ts'

describe('toQuery', () => {
  it.each([
    ['al', 'al'],
    ['@alice.te', 'alice.te'],
    ['  alice ', 'alice'],
  ])('looks up %j as %j', (text, query) => {
    expect(toQuery(text, 2)).toBe(query)
  })

  it.each(['', 'a', '@a', 'did:plc:abc', 'https://pds.example.com', 'two words', 'pds.example.com/x'])(
    'does not look up %j',
    (text) => {
      expect(toQuery(text, 2)).toBeUndefined()
    },
  )
})

describe('parseSuggestions', () => {
  const parse = (...actors: unknown[]) => parseSuggestions({ actors })

  it('takes handle, name and picture, and nothing else', () => {
    const actor = {
      did: 'did:plc:a',
      handle: 'alice.test',
      displayName: ' Alice ',
      avatar: 'https://c.dev/a',
      x: 1,
    }
    expect(parse(actor)).toEqual([{ handle: 'alice.test', displayName: 'Alice', avatar: 'https://c.dev/a' }])
  })

  it.each([undefined, null, 3, 'text', [], {}, { actors: {} }, { actors: 'alice' }])(
    'finds nobody in %j',
    (answer) => {
      expect(parseSuggestions(answer)).toEqual([])
    },
  )

  it.each([null, 3, {}, { handle: 7 }, { handle: '' }, { handle: 'no-dot' }, { handle: 'handle.invalid' }])(
    'leaves out %j',
    (actor) => {
      expect(parse(actor, { handle: 'bob.test' })).toEqual([expect.objectContaining({ handle: 'bob.test' })])
    },
  )

  it.each(['alice.test"onfocus="x', 'аlice.test', 'alice.test‮', 'https://alice.test', 'a b.test'])(
    'leaves out the handle %j, which is none',
    (handle) => {
      expect(parse({ handle })).toEqual([])
    },
  )

  it.each(['http://c.dev/a', 'javascript:alert(1)', '//c.dev/a', '/avatar', 'data:image/png,x', 3])(
    'takes no picture from %j',
    (avatar) => {
      expect(parse({ handle: 'alice.test', avatar })).toEqual([
        expect.objectContaining({ avatar: undefined }),
      ])
    },
  )

  it('names each account once, and long names not to their end', () => {
    const found = parse({ handle: 'a.test', displayName: 'x'.repeat(1_000) }, { handle: 'a.test' })
    expect(found).toHaveLength(1)
    expect(parse({ handle: 'a.test', displayName: 'x'.repeat(1_000) })[0]?.displayName).toHaveLength(64)
  })
})
