import { describe, expect, it } from 'vitest'
import { isForAppView, withoutWithheld } from '../../../../lib/testing/network/faults.ts'

describe('a withheld scope', () => {
  it.each([
    ['atproto repo:a.b.c', ['repo:a.b.c'], 'atproto'],
    ['atproto repo:a.b.c?action=create', ['repo:a.b.c'], 'atproto'],
    ['atproto repo:a.b.c repo:a.b.d', ['repo:a.b.c'], 'atproto repo:a.b.d'],
    ['atproto repo:a.b.c blob:image/png', ['repo:*', 'blob:*/*'], 'atproto'],
    [
      'atproto repo:a.b.c',
      ['repo:a.b.c?action=create'],
      'atproto repo:a.b.c?action=update repo:a.b.c?action=delete',
    ],
    ['atproto repo?collection=a.b.c&collection=a.b.d', ['repo:a.b.c', 'repo:a.b.d'], 'atproto'],
    ['atproto repo:a.b.c?action=create', ['repo:a.b.c?action=create'], 'atproto'],
    ['atproto transition:generic', ['transition:generic'], 'atproto'],
    ['atproto repo:a.b.c', [], 'atproto repo:a.b.c'],
  ])('takes from %s with %j all that is within: %s', (scope, withhold, left) => {
    expect(withoutWithheld(scope, { withhold })).toBe(left)
  })
})

describe('a call', () => {
  it.each([
    ['/xrpc/app.bsky.feed.getTimeline', {}, true],
    ['/xrpc/com.atproto.repo.createRecord', {}, false],
    ['/xrpc/app.bsky.actor.getPreferences', {}, false],
    ['/xrpc/com.atproto.moderation.createReport', { 'atproto-proxy': 'did:web:mod.test#labeler' }, true],
    ['/oauth/token', {}, false],
  ])('to %s with %j is for the AppView: %s', (path, headers, expected) => {
    expect(isForAppView({ path, headers })).toBe(expected)
  })
})
