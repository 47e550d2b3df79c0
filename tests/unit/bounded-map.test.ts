import { describe, expect, it } from 'vitest'
import { BoundedMap } from '../../lib/bounded-map.ts'

describe('BoundedMap', () => {
  it('drops the entry that was set longest ago when it is full', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1).set('b', 2).set('c', 3)
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 3],
    ])
  })

  it('counts a key that is set again as the newest', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4)
    expect([...map.keys()]).toEqual(['a', 'c'])
  })

  it('drops an entry whose key is undefined as well', () => {
    const map = new BoundedMap<string | undefined, number>(1)
    map.set(undefined, 1).set('b', 2)
    expect([...map.keys()]).toEqual(['b'])
  })
})
