import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import {
  fromSession,
  fromStateData,
  toSession,
  toStateData,
} from '../../../../lib/oauth/records/custom-store-format.ts'
import { sessionRow, stateRow } from '../../../support/unit/context.ts'

const dpopJwk = await generatePrivateJwk()
const session = toSession({ id: 'id', row: sessionRow(dpopJwk), generation: 1 })
const state = toStateData(stateRow(dpopJwk))

describe('a value of an application’s own store', () => {
  it('is read as it was written', () => {
    expect(fromSession(session)?.row).toEqual(sessionRow(dpopJwk))
    expect(fromStateData(state)).toEqual(stateRow(dpopJwk))
  })

  // Found by tests/unit/fuzz: such a session was restored, and each of its calls failed with "Invalid URL".
  it.each(['aud', 'iss'] as const)('is no session with a text that is no address as %s', (name) => {
    expect(fromSession({ ...session, tokenSet: { ...session.tokenSet, [name]: 'pds' } })).toBeUndefined()
  })

  it.each(['authorizationEndpoint', 'tokenEndpoint', 'parEndpoint', 'revocationEndpoint'] as const)(
    'is neither session nor sign-in with a text that is no address as %s',
    (name) => {
      expect(fromSession({ ...session, details: { ...session.details, [name]: '' } })).toBeUndefined()
      expect(fromStateData({ ...state, details: { ...state.details, [name]: '' } })).toBeUndefined()
    },
  )
})
