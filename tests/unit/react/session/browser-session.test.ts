import { describe, expect, expectTypeOf, it } from 'vitest'
import type { SessionStatus } from '../../../../lib/next/server/session-status.ts'
import type { OAuthSession } from '../../../../lib/oauth/session/session.ts'
import { type BrowserSession, toBrowserSession } from '../../../../lib/react/session/browser-session.ts'

describe('BrowserSession', () => {
  it('takes what getSessionStatus gives', () => {
    expectTypeOf<SessionStatus>().toExtend<BrowserSession>()
  })

  it('CK-1: takes no session, not even one that is dressed up as a status', () => {
    expectTypeOf<OAuthSession>().not.toExtend<BrowserSession>()
    expectTypeOf<OAuthSession & { kind: 'active' }>().not.toExtend<BrowserSession>()
    expectTypeOf<OAuthSession | null>().not.toExtend<BrowserSession>()
  })
})

describe('toBrowserSession', () => {
  const profile = { handle: 'alice.test', displayName: 'Alice', avatar: '/avatar' }
  const statuses: readonly BrowserSession[] = [
    { kind: 'none' },
    { kind: 'unknown' },
    { kind: 'active', did: 'did:plc:a', ...profile },
    { kind: 'reauth_required', did: 'did:plc:a', reason: 'revoked', ...profile },
  ]
  it.each(statuses)('copies $kind', (status) => {
    expect(toBrowserSession(status)).toEqual(status)
  })

  it('CK-1 X9: drops what an object carries besides', () => {
    const tokens = { accessToken: 'secret', tokenSet: { access_token: 'secret' }, dpopKey: { d: 'secret' } }
    for (const status of statuses) {
      expect(JSON.stringify(toBrowserSession({ ...status, ...tokens }))).not.toContain('secret')
    }
  })

  it('drops the methods of a session that was spread into a status', () => {
    const spread = { kind: 'active', did: 'did:plc:a', handle: () => 'fetch' }
    // @ts-expect-error A handle is a text.
    expect(toBrowserSession(spread)).toEqual({ kind: 'active', did: 'did:plc:a' })
  })

  class Session {
    readonly kind = 'active'
    readonly did = 'did:plc:a'
    readonly tokenSet = 'secret'
  }
  it.each([
    ['an instance of a class', new Session()],
    ['something without a kind', { did: 'did:plc:a' }],
    ['another kind', { kind: 'admin', did: 'did:plc:a' }],
    ['a list of kinds', { kind: ['none'], did: 'did:plc:a' }],
    ['an account without a DID', { kind: 'active' }],
    ['an account whose DID is no text', { kind: 'reauth_required', did: ['did:plc:a'], reason: 'revoked' }],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'did:plc:a'],
  ])('CK-1: refuses %s', (_what, value) => {
    // @ts-expect-error As JavaScript would hand it over.
    expect(() => toBrowserSession(value)).toThrow(/not a session/)
  })
})
