import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../lib/errors.ts'
import { upgradedScope } from '../../../../lib/next/sign-in/scope-upgrade.ts'

const declared =
  'atproto repo:app.bsky.feed.post blob:*/* repo:app.bsky.graph.follow rpc:a.b.c?aud=did:web:x.dev%23y'
const scopes = { declared, signIn: 'atproto' }

describe('upgradedScope', () => {
  it.each([
    ['repo:app.bsky.feed.post?action=create', 'atproto', 'atproto repo:app.bsky.feed.post'],
    ['blob:image/png', 'atproto repo:app.bsky.feed.post', 'atproto repo:app.bsky.feed.post blob:*/*'],
    ['blob:image/png repo:app.bsky.graph.follow', 'atproto', 'atproto blob:*/* repo:app.bsky.graph.follow'],
    ['blob:image/png', 'repo:app.bsky.feed.post?action=create atproto', 'atproto blob:*/*'],
  ])('%s, with %s granted', (needed, granted, expected) => {
    expect(upgradedScope(granted, needed, scopes)).toBe(expected)
  })

  it('asks for everything where a permission set may hold it, which only the server knows', () => {
    const withSet = { declared: 'atproto include:app.bsky.full?aud=did:web:x.dev%23y', signIn: 'atproto' }
    expect(upgradedScope('atproto', 'repo:app.bsky.feed.post', withSet)).toBe(withSet.declared)
  })

  it('asks for everything where only several words together allow it', () => {
    const split = {
      declared: 'atproto repo:a.b.c?action=create repo:a.b.c?action=delete repo:d.e.f',
      signIn: 'atproto',
    }
    expect(upgradedScope('atproto', 'repo:a.b.c?action=create&action=delete', split)).toBe(split.declared)
  })

  it('refuses what nothing declared allows', () => {
    expect(() => upgradedScope('atproto', 'repo:x.y.z', scopes)).toThrow(ConfigurationError)
  })
})
