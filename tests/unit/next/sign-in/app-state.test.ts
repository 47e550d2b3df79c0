import { describe, expect, it } from 'vitest'
import { decodeAppState, encodeAppState } from '../../../../lib/next/sign-in/app-state.ts'

describe('the state of the application', () => {
  it('comes back as it was', () => {
    const state = { returnTo: '/a', scope: 'atproto', identifier: 'alice.host.dev' }
    expect(decodeAppState(encodeAppState(state))).toEqual(state)
  })

  it('is read as earlier versions wrote it, and without what later ones add', () => {
    expect(decodeAppState('{"returnTo":"/a"}')).toEqual({ returnTo: '/a' })
    expect(decodeAppState('{"returnTo":"/a","later":1}')).toEqual({ returnTo: '/a' })
  })

  it.each([null, undefined, '', '{', '[]', '{"returnTo":1}', '{"returnTo":"/","identifier":1}'])(
    'is nothing for %j',
    (text) => {
      expect(decodeAppState(text)).toBeUndefined()
    },
  )
})
