import { describe, expect, it } from 'vitest'
import { compareScopes, missingScopes, scopeAllows } from '../../../../lib/oauth/scope/compare.ts'

const APPVIEW = 'did:web:api.bsky.app%23bsky_appview'
const CHAT = 'did:web:api.bsky.chat%23bsky_chat'
const POST = 'repo:app.bsky.feed.post'

type Row = readonly [granted: string, wanted: string]

const allowed: readonly Row[] = [
  [`atproto ${POST}`, POST],
  [POST, `${POST}?action=create`],
  [POST, `${POST}?action=create&action=update&action=delete`],
  [`${POST}?action=create ${POST}?action=update&action=delete`, POST],
  ['repo:*', 'repo?collection=a.b.c&collection=d.e.f'],
  ['repo:a.b.c repo:d.e.f', 'repo?collection=a.b.c&collection=d.e.f'],
  ['repo:*?action=create', 'repo:*?action=create'],
  [`${POST}?action=create,delete`, `${POST}?action=delete`],
  [`${POST}?action=create,delete`, `${POST}?action=create&action=delete`],
  ['rpc:a.b.c?aud=*', `rpc:a.b.c?aud=${APPVIEW}`],
  [`rpc:*?aud=${APPVIEW}`, `rpc:a.b.c?aud=did:web:api.bsky.app#bsky_appview`],
  [`rpc?lxm=a.b.c&lxm=d.e.f&aud=${APPVIEW}`, `rpc:d.e.f?aud=${APPVIEW}`],
  ['blob:*/*', 'blob:image/png'],
  ['blob:image/*', 'blob?accept=image/png&accept=image/*'],
  ['account:email', 'account:email'],
  ['account:email?action=manage', 'account:email?action=read'],
  ['identity:*', 'identity:handle'],
  ['transition:email', 'account:email'],
  ['account:email', 'transition:email'],
  [`atproto ${POST}`, `atproto ${POST}?action=delete`],
  [`include:app.bsky.authFullApp?aud=${APPVIEW}`, `include?nsid=app.bsky.authFullApp&aud=${APPVIEW}`],
  ['space:x', 'space:x'],
]
const refused: readonly Row[] = [
  ['', POST],
  [POST, ''],
  ['atproto', POST],
  [`${POST}?action=create`, POST],
  [`${POST}?action=create,delete`, POST],
  [`${POST}?action=create,fly`, `${POST}?action=create`],
  [`${POST}?action=create`, `${POST}?action=create,delete`],
  [POST, 'repo:*'],
  [POST, 'repo:app.bsky.feed.posts'],
  ['repo:*', `rpc:a.b.c?aud=${APPVIEW}`],
  [`rpc:a.b.c?aud=${APPVIEW}`, 'rpc:a.b.c?aud=*'],
  [`rpc:a.b.c?aud=${APPVIEW}`, `rpc:a.b.c?aud=${CHAT}`],
  ['rpc:a.b.c?aud=*', `rpc:*?aud=${APPVIEW}`],
  ['blob:image/*', 'blob:*/*'],
  ['blob:image/png', 'blob:image/*'],
  ['blob:image/*', 'blob:imagex/png'],
  ['account:email', 'account:email?action=manage'],
  ['account:repo?action=manage', 'account:email'],
  ['identity:handle', 'identity:*'],
  ['account:email?action=manage identity:*', POST],
  [`atproto ${POST}`, `${POST} blob:*/*`],
  // What the set holds is the server's to say.
  [`repo:* rpc:*?aud=${APPVIEW}`, `include:app.bsky.authFullApp?aud=${APPVIEW}`],
  [`include:app.bsky.authFullApp?aud=${APPVIEW}`, POST],
  ['rpc:a.b.c', `rpc:a.b.c?aud=${APPVIEW}`],
  [POST, 'repo:app.bsky.*'],
  ['space:x', 'space:y'],
]

describe('scopeAllows', () => {
  it.each(allowed)('SC-3: %j allows %j', (granted, wanted) => {
    expect(scopeAllows(granted, wanted)).toBe(true)
  })

  it.each(refused)('SC-3: %j does not allow %j', (granted, wanted) => {
    expect(scopeAllows(granted, wanted)).toBe(false)
  })

  const generic: readonly (readonly [string, boolean])[] = [
    [POST, true],
    ['repo:*', true],
    ['blob:*/*', true],
    [`rpc:app.bsky.actor.getProfile?aud=${APPVIEW}`, true],
    [`rpc:*?aud=${APPVIEW}`, true],
    [`rpc:chat.bsky.convo.listConvos?aud=${CHAT}`, false],
    [`rpc?lxm=app.bsky.actor.getProfile&lxm=chat.bsky.convo.listConvos&aud=${CHAT}`, false],
    ['account:email', false],
    ['transition:email', false],
    ['transition:chat.bsky', false],
    ['identity:handle', false],
    ['atproto', false],
  ]
  it.each(generic)('transition:generic, %s: %s', (wanted, expected) => {
    expect(scopeAllows('transition:generic', wanted)).toBe(expected)
  })

  it('transition:chat.bsky allows the methods of chat.bsky and nothing else', () => {
    expect(scopeAllows('transition:chat.bsky', `rpc:chat.bsky.convo.listConvos?aud=${CHAT}`)).toBe(true)
    expect(scopeAllows('transition:chat.bsky', `rpc:app.bsky.actor.getProfile?aud=${APPVIEW}`)).toBe(false)
    expect(scopeAllows('transition:chat.bsky', POST)).toBe(false)
  })

  it('SC-8: atproto alone allows nothing but itself', () => {
    expect(scopeAllows('atproto', 'atproto')).toBe(true)
    for (const wanted of [POST, 'blob:*/*', 'account:email', `rpc:a.b.c?aud=${APPVIEW}`]) {
      expect(scopeAllows('atproto', wanted)).toBe(false)
    }
  })
})

describe('missingScopes', () => {
  it('SC-4: finds nothing missing in another order and spelling', () => {
    const requested = `atproto ${POST} rpc:a.b.c?aud=${APPVIEW}`
    const granted = `rpc?aud=did:web:api.bsky.app#bsky_appview&lxm=a.b.c repo?collection=app.bsky.feed.post atproto`
    expect(missingScopes(requested, granted)).toEqual([])
  })

  it('SC-3: reports what the server dropped, in the spelling of the request', () => {
    const requested = `atproto repo:app.bsky.* account:email ${POST}`
    expect(missingScopes(requested, `atproto ${POST}`)).toEqual(['repo:app.bsky.*', 'account:email'])
  })

  it('SC-3: reports what was granted in part', () => {
    const requested = 'atproto repo?collection=a.b.c&collection=d.e.f'
    expect(missingScopes(requested, 'atproto repo:a.b.c')).toEqual(['repo?collection=a.b.c&collection=d.e.f'])
  })

  it('SC-3: reports atproto itself', () => {
    expect(missingScopes('atproto', 'transition:generic')).toEqual(['atproto'])
  })
})

describe('compareScopes with permission sets', () => {
  const SET = `include:app.bsky.authCreatePosts?aud=${APPVIEW}`
  const EXPANDED = `repo:app.bsky.feed.post?action=create rpc?lxm=app.bsky.feed.getPosts&aud=${APPVIEW}`
  const compare = (requested: string, granted: string) =>
    compareScopes(`atproto ${requested}`, `${granted} atproto`)

  it('SC-4: accepts the set’s permissions in the place of include:', () => {
    expect(compare(SET, EXPANDED)).toEqual({ missing: [], undecided: [], extra: [] })
  })

  it('SC-4: accepts a server that leaves include: as it is', () => {
    expect(compare(SET, SET)).toEqual({ missing: [], undecided: [], extra: [] })
  })

  it('SC-3: reports a set of whose namespace nothing was granted', () => {
    expect(compare(`${SET} repo:com.example.thing`, 'repo:com.example.thing').missing).toEqual([SET])
    expect(compare(`${SET} repo:*`, 'repo:*').missing).toEqual([SET])
    expect(compare(SET, '').missing).toEqual([SET])
  })

  it('SC-4: leaves a set undecided when other requested scopes account for all that came', () => {
    const granted = `${POST} atproto`
    expect(compare(`${SET} ${POST}`, granted)).toEqual({ missing: [], undecided: [SET], extra: [] })
    expect(compare(`${SET} transition:generic`, `transition:generic ${EXPANDED}`).undecided).toEqual([SET])
  })

  it('SC-4: leaves two sets of one namespace undecided, but tells them apart by audience', () => {
    const second = `include:app.bsky.authViewAll?aud=${APPVIEW}`
    expect(compare(`${SET} ${second}`, EXPANDED)).toEqual({
      missing: [],
      undecided: [SET, second],
      extra: [],
    })
    const other = 'include:app.bsky.authViewAll?aud=did:web:other.dev%23svc'
    expect(compare(`${SET} ${other}`, `rpc:app.bsky.feed.getPosts?aud=${APPVIEW}`)).toEqual({
      missing: [other],
      undecided: [],
      extra: [],
    })
  })

  it('SC-5: takes no permission outside the set’s namespace or for another audience as the set’s', () => {
    for (const granted of [
      'repo:app.bskyx.feed.post',
      'repo:com.example.thing',
      'repo:*',
      'blob:*/*',
      'repo?collection=app.bsky.feed.post&collection=com.example.thing',
      'rpc:app.bsky.feed.getPosts?aud=did:web:other.dev%23svc',
      `rpc:*?aud=${APPVIEW}`,
    ]) {
      expect(compare(SET, granted)).toEqual({ missing: [SET], undecided: [], extra: [granted] })
    }
  })

  it('O6: names what was granted without having been asked for', () => {
    const granted = `${POST} account:email?action=manage space:x`
    expect(compare(POST, granted).extra).toEqual(['account:email?action=manage', 'space:x'])
    expect(compare(`${POST}?action=create`, POST).extra).toEqual([POST])
  })
})
