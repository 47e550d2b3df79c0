import { describe, expect, it } from 'vitest'
import { readScope, splitScope } from '../../../../lib/oauth/scope/parse.ts'

const PLC = 'did:plc:alicealicealicealicealic'

/** The examples of atproto.com/specs/permission and of the table of Bluesky's own sets. */
const valid = [
  'atproto',
  'transition:generic',
  'transition:email',
  'transition:chat.bsky',
  'repo:app.example.profile',
  'repo:app.example.profile?action=create&action=update&action=delete',
  'repo?collection=app.example.profile&collection=app.example.post',
  'repo:*',
  'repo:*?action=delete',
  'rpc:app.example.moderation.createReport?aud=*',
  'rpc?lxm=*&aud=did:web:api.example.com%23svc_appview',
  'rpc:*?aud=did:web:api.example.com%23svc_appview',
  'rpc:a.b.c?aud=did:web:api.example.com#svc',
  `rpc:a.b.c?aud=${PLC}%23svc`,
  'rpc:a.b.c?aud=did:web:localhost%253A2583%23svc',
  'blob:*/*',
  'blob:image/svg+xml',
  'blob?accept=video/*&accept=text/html',
  'account:email',
  'account:repo?action=manage',
  'account?action=manage&attr=repo',
  'identity:handle',
  'identity:*',
  'identity:*?',
  'include:app.example.authFull?aud=did:web:api.example.com%23svc_chat',
  'include:com.example.authBasicFeatures',
]

const invalid: readonly (readonly [string, RegExp])[] = [
  ['repo:app.bsky.*', /whole collection NSID/],
  ['repo:app.bsky', /whole collection NSID/],
  ['repo', /needs collection/],
  ['repo:', /whole collection NSID/],
  ['repo:a.b.c?collection=d.e.f', /twice/],
  ['repo:a.b.c?action=read', /create, update, delete/],
  ['repo:a.b.c?action=*', /create, update, delete/],
  ['repo:a.b.c?rkey=self', /unknown parameter "rkey"/],
  ['repo:a.b.c?__proto__=x', /unknown parameter/],
  ['rpc:a.b.c', /needs aud/],
  ['rpc:a.b.c?aud=did:web:x', /service id/],
  ['rpc:a.b.c?aud=did:web:x.dev%23', /service id/],
  ['rpc:a.b.c?aud=did:web:x.dev%23a%23b', /service id/],
  ['rpc:a.b.c?aud=did:web:x.dev:path%23a', /service id/],
  ['rpc:a.b.c?aud=did:web:x.dev%253A8080%23a', /service id/],
  ['rpc:a.b.c?aud=did:key:z6Mk%23a', /service id/],
  ['rpc:a.b.c?aud=https://x.dev', /service id/],
  ['rpc:a.b.c?aud=*&aud=did:web:x.dev%23a', /only one aud/],
  ['rpc:*?aud=*', /both lxm and aud/],
  ['rpc?lxm=a.b.c&lxm=*&aud=*', /both lxm and aud/],
  ['rpc:app.bsky.*?aud=*', /whole method NSID/],
  ['blob', /needs accept/],
  ['blob:*', /MIME/],
  ['blob:image/p*', /MIME/],
  ['blob:*/png', /MIME/],
  ['blob:image/png/x', /MIME/],
  ['blob?accept=image/svg+xml', /%2B/],
  ['account:*', /email, repo, status/],
  ['account:email?action=create', /read, manage/],
  ['account?attr=email&attr=repo', /only one attr/],
  ['identity:did', /handle, \*/],
  ['include:app.example', /permission set/],
  ['include:*', /permission set/],
  ['include:a.b.c?aud=*', /service id/],
  ['transition:everything', /no resource/],
  ['openid', /no resource/],
  ['ATPROTO', /no resource/],
  ['Repo:a.b.c', /no resource/],
  ['repository:a.b.c', /no resource/],
  ['constructor:a.b.c', /no resource/],
  ['', /character/],
  ['repo:%zz', /percent-encoded/],
  ['resource:positional?key=québec', /character/],
  ['emoji:☺️', /character/],
  ['repo:a.b.c"', /character/],
  ['repo:a.b.c\\', /character/],
]

describe('readScope', () => {
  it.each(valid)('SC-2: reads %s', (text) => {
    expect(readScope(text)).not.toHaveProperty('reason')
  })

  it.each(invalid)('SC-2: says why %j is no scope', (text, reason) => {
    expect(readScope(text)).toEqual({ resource: 'invalid', reason: expect.stringMatching(reason) })
  })

  it('SC-2: reads positional and named parameters as the same', () => {
    expect(readScope('account:repo?action=manage')).toEqual(readScope('account?action=manage&attr=repo'))
  })

  it('SC-2: gives all three actions where none is named, and only the named ones otherwise', () => {
    expect(readScope('repo:a.b.c')).toMatchObject({ actions: ['create', 'update', 'delete'] })
    expect(readScope('repo:a.b.c?action=delete&action=create')).toMatchObject({
      actions: ['create', 'delete'],
    })
  })

  it('SC-6: reads %23 and a raw # as the same audience', () => {
    const expected = { resource: 'rpc', methods: ['a.b.c'], audience: 'did:web:x.dev#svc' }
    expect(readScope('rpc:a.b.c?aud=did:web:x.dev%23svc')).toEqual(expected)
    expect(readScope('rpc:a.b.c?aud=did:web:x.dev#svc')).toEqual(expected)
  })

  it('reads a scope of 100 000 characters in a moment', () => {
    const started = performance.now()
    for (const text of ['repo:', 'rpc:a.b.c?aud=did:web:', 'blob:']) readScope(text + 'a.'.repeat(50_000))
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('splitScope', () => {
  it('SC-1: parts at spaces only and keeps each word once', () => {
    expect(splitScope(' atproto  repo:a.b.c atproto repo:a.b.c\t')).toEqual([
      'atproto',
      'repo:a.b.c',
      'repo:a.b.c\t',
    ])
  })
})
