import { describe, expect, it } from 'vitest'
import { toFetchedProfile, withProfile } from '../../../../lib/react/session/fetched-profile.ts'

const did = 'did:plc:a'
const alice = { kind: 'active', did, handle: 'alice.test', displayName: 'Alice', avatar: '/a.png' } as const
const known = { did, isComplete: true, handle: 'alice.test', displayName: 'Alice', avatar: '/a.png' }

describe('toFetchedProfile', () => {
  it('takes the fields of an answer', () => {
    expect(toFetchedProfile(alice, true, undefined)).toEqual(known)
  })

  it('forgets what the account no longer has', () => {
    expect(toFetchedProfile({ kind: 'active', did }, true, known)).toMatchObject({ displayName: undefined })
  })

  it('keeps what could not be asked', () => {
    const answer = { kind: 'active', did, displayName: 'Alicia' } as const
    expect(toFetchedProfile(answer, false, known)).toEqual({
      ...known,
      displayName: 'Alicia',
      isComplete: false,
    })
  })

  it('keeps nothing of another account', () => {
    expect(toFetchedProfile({ kind: 'active', did: 'did:plc:b' }, false, known)).toEqual({
      did: 'did:plc:b',
      isComplete: false,
      handle: undefined,
      displayName: undefined,
      avatar: undefined,
    })
  })

  it('is none where no one is signed in', () => {
    expect(toFetchedProfile({ kind: 'none' }, true, known)).toBeUndefined()
  })
})

describe('withProfile', () => {
  it('shows the fetched profile instead of the one that was rendered', () => {
    expect(withProfile({ ...alice, displayName: 'Old' }, known)).toEqual(alice)
  })

  it('shows what was rendered where a server could not be asked', () => {
    const profile = { did, isComplete: false, displayName: 'Alicia' }
    expect(withProfile(alice, profile)).toEqual({ ...alice, displayName: 'Alicia' })
  })

  it.each([undefined, { ...known, did: 'did:plc:b' }])(
    'leaves an account alone with the profile %j',
    (profile) => {
      expect(withProfile(alice, profile)).toBe(alice)
    },
  )
})
