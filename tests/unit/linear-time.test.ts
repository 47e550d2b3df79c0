/** Inputs on which an expression or a nested loop would take hours: with them, these tests end only if time is linear. */
import { describe, expect, it } from 'vitest'
import { describeEncoding } from '../../lib/net/content-encoding.ts'
import { resourceHeaders } from '../../lib/oauth/resource/request-body.ts'
import { parseCallback, shownParams } from '../../lib/oauth/sign-in/callback-parameters.ts'
import { describeUserAgent } from '../../lib/web/device-label.ts'
import { createPathMatcher } from '../../lib/web/path-pattern.ts'

const LENGTH = 1_000_000

describe('a hostile input takes a time that grows with its length, not with the square of it', () => {
  it('a guarded path of slashes', () => {
    const matches = createPathMatcher(['/account/:path*'], 'protect')
    expect(matches(`${'/'.repeat(LENGTH)}x`)).toBe(false)
    expect(matches(`/account${'/'.repeat(LENGTH)}`)).toBe(true)
  })

  it('a header Connection of spaces', () => {
    const connection = `x-secret${' '.repeat(LENGTH)}x`
    expect([...resourceHeaders({ connection, accept: '*/*' })]).toEqual([['accept', '*/*']])
  })

  it('a content encoding of spaces', () => {
    const headers = new Headers({ 'content-encoding': `br${' '.repeat(LENGTH)}x` })
    expect(describeEncoding(headers)).toContain('"unknown"')
  })

  it('a callback of many parameters', () => {
    const params = new URLSearchParams(Array.from({ length: 200_000 }, (_, n) => [`p${n}`, 'x']))
    expect(() => parseCallback(params)).toThrow('state is missing')
    params.append('p0', 'x')
    expect(() => parseCallback(params)).toThrow('more than once')
    expect(shownParams(params).size).toBe(32)
  })

  it('a browser’s name that begins again and again', () => {
    expect(describeUserAgent('Version/'.repeat(LENGTH / 8))).toBeUndefined()
  })
})
