import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { lintScope, parseDeclaredScope } from '../../../../lib/oauth/scope/lint.ts'

const APPVIEW = 'did:web:api.bsky.app%23bsky_appview'
const CHAT = 'did:web:api.bsky.chat%23bsky_chat'

describe('parseDeclaredScope', () => {
  it('SC-1: gives the words in their order and spelling', () => {
    expect(parseDeclaredScope('  rpc:a.b.c?aud=*   atproto repo:A.b.C')).toEqual([
      'rpc:a.b.c?aud=*',
      'atproto',
      'repo:A.b.C',
    ])
  })

  it.each(['', 'repo:a.b.c', 'Atproto', 'transition:generic'])(
    'SC-1: refuses %j without atproto',
    (scope) => {
      expect(() => parseDeclaredScope(scope)).toThrow(/must contain "atproto"/)
    },
  )

  it('SC-1: refuses one scope named twice', () => {
    expect(() => parseDeclaredScope('atproto a.b atproto')).toThrow(/twice/)
  })

  it('SC-1: refuses openid', () => {
    expect(() => parseDeclaredScope('atproto openid')).toThrow(ConfigurationError)
  })

  it.each(['atproto\trepo:a.b.c', 'atproto repo:é', 'atproto "x"', 'atproto a\\b', 'atproto\n'])(
    'SC-1: refuses %j, which is not OAuth’s ASCII',
    (scope) => {
      expect(() => parseDeclaredScope(scope)).toThrow(/percent-encode/)
    },
  )

  it('SC-3: takes what it does not know: a server may be newer than this library', () => {
    expect(parseDeclaredScope('atproto space:a.b.c')).toEqual(['atproto', 'space:a.b.c'])
  })
})

describe('lintScope', () => {
  const fine = [
    'atproto',
    'atproto transition:generic transition:chat.bsky transition:email',
    'atproto repo:app.bsky.feed.post blob:*/* account:email identity:handle',
    `atproto include:app.bsky.authFullApp?aud=${APPVIEW} include:chat.bsky.authFullChatClient?aud=${CHAT}`,
    'atproto include:com.example.authAll?aud=did:web:api.bsky.app%23bsky_appview',
  ]
  it.each(fine)('SC-2: has nothing to say about %s', (scope) => {
    expect(lintScope(scope)).toEqual([])
  })

  it('SC-2 SC-3: tells of each scope that servers would drop, and why', () => {
    const warnings = lintScope('atproto repo:app.bsky.* rpc:a.b.c space:x')
    expect(warnings).toHaveLength(3)
    expect(warnings[0]).toMatch(/"repo:app\.bsky\.\*".*whole collection NSID/)
    expect(warnings[1]).toMatch(/"rpc:a\.b\.c" needs aud/)
    expect(warnings[2]).toMatch(/"space:x" names no resource/)
  })

  it.each([
    ['include:app.bsky.authFullApp', `include:app.bsky.authFullApp?aud=${APPVIEW}`],
    ['include:app.bsky.authCreatePosts?', `include:app.bsky.authCreatePosts?aud=${APPVIEW}`],
    ['include?nsid=chat.bsky.authFullChatClient', `include:chat.bsky.authFullChatClient?aud=${CHAT}`],
    ['include:com.example.authAll', 'include:com.example.authAll?aud=did:web:host%23service'],
  ])('SC-5: warns of %s without aud and writes it out', (scope, fix) => {
    expect(lintScope(`atproto ${scope}`)).toEqual([expect.stringContaining(`"${fix}"`)])
  })

  it('SC-5: warns of a chat set for the AppView, and of an app set for the chat service', () => {
    expect(lintScope(`include:chat.bsky.authFullChatClient?aud=${APPVIEW}`)).toEqual([
      expect.stringContaining(CHAT),
    ])
    expect(lintScope(`include:app.bsky.authFullApp?aud=${CHAT}`)).toEqual([expect.stringContaining(APPVIEW)])
  })

  it('warns of transition:chat.bsky alone', () => {
    expect(lintScope('atproto transition:chat.bsky')).toEqual([expect.stringContaining('transition:generic')])
  })
})
