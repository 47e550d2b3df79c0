/** Thousands of generated scopes, judged by this library and by the package that the reference PDS judges with. */
import {
  AccountPermission,
  BlobPermission,
  IdentityPermission,
  isAtprotoOauthScope,
  normalizeAtprotoOauthScopeValue,
  RepoPermission,
  RpcPermission,
  ScopePermissionsTransition,
} from '@atproto/oauth-scopes'
import { isOAuthScope } from '@atproto/oauth-types'
import { describe, expect, it } from 'vitest'
import { scopeAllows } from '../../../../lib/oauth/scope/compare.ts'
import { readScope } from '../../../../lib/oauth/scope/parse.ts'

const nsids = ['a.b.c', 'app.bsky.feed.post', 'app.bsky.feed.like', 'chat.bsky.convo.getLog', '*'] as const
const audiences = [
  'did:web:api.bsky.app#bsky_appview',
  'did:plc:alicealicealicealicealic#svc',
  'did:web:localhost%3A2583#x',
] as const
const mimes = ['image/png', 'image/jpeg', 'video/mp4', 'image/svg+xml'] as const
const repoActions = ['create', 'update', 'delete'] as const
const accountAttributes = ['email', 'repo', 'status'] as const
const accountActions = ['read', 'manage'] as const
const resources: readonly (readonly [string, ...string[]])[] = [
  ['repo', 'collection', 'action'],
  ['rpc', 'lxm', 'aud'],
  ['blob', 'accept'],
  ['account', 'attr', 'action'],
  ['identity', 'attr'],
  ['include', 'nsid', 'aud'],
  ['transition', 'generic'],
  ['atproto', 'atproto'],
  ['Repo', 'collection'],
]
const names = ['collection', 'action', 'lxm', 'aud', 'accept', 'attr', 'nsid', 'rkey', 'Aud', '']
/** Good and bad values for any parameter, as they may be written. */
const values = [
  ...[...nsids, 'app.bsky.*', 'app.bsky', 'a..b', '1a.b.c', 'a.1b.c', 'a.b.1c', 'a.b.c-d', 'a-.b.c', 'A.B.C'],
  ...[...audiences, 'did:web:x', 'did:web:x.dev#', 'did:web:x.dev#a#b', 'did:web:x.dev:p#a', 'did:key:z#a'],
  ...['did:web:x.dev%3A80#a', 'did:web:X.dev#a', 'did:web:[#a', 'did:web:x.dev#a b', 'did:plc:short#a', '#a'],
  ...[
    'did:web:localhost#x',
    'did:web:localhost%3Ax#x',
    'did:web:%2F#x',
    'did:web:x.dev#%zz',
    'did:web:x.dev#%41',
  ],
  ...[
    ...mimes,
    '*/*',
    'image/*',
    '*/png',
    'image/p*',
    '*a/*',
    '/png',
    'image/',
    'a/b/c',
    'a b/c',
    'IMAGE/PNG',
  ],
  ...[
    ...repoActions,
    ...accountActions,
    ...accountAttributes,
    'handle',
    'generic',
    'chat.bsky',
    '',
    '%',
    'é',
  ],
]

/** The same numbers at every run (mulberry32). */
function createRandom(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  function pick<T>(from: readonly [T, ...T[]] | readonly T[]): T {
    const value = from[below(from.length)]
    if (value === undefined) throw new RangeError('nothing to pick from')
    return value
  }
  return { below, pick }
}
type Random = ReturnType<typeof createRandom>

/** Mostly near misses: the shape of a scope, filled with values of which many belong elsewhere. */
function anyScope({ below, pick }: Random): string {
  const spell = (value: string) => pick([value, value, encodeURIComponent(value), value.replace('#', '%23')])
  const [resource, ...own] = pick(resources)
  const parameters = Array.from(
    { length: below(4) },
    () => `${pick(below(9) ? own : names)}=${spell(pick(values))}`,
  )
  const positional = below(3) ? `:${spell(pick(values))}` : ''
  const query = parameters.length || !below(8) ? `?${parameters.join('&')}` : ''
  return resource + positional + query
}

/** What applications really write, and small damage to it. */
function likelyScope(random: Random): string {
  const { below, pick } = random
  const actions = (from: readonly string[]) =>
    Array.from({ length: below(3) }, () => `action=${pick(from)}`).join('&')
  const audience = pick([...audiences, '*'])
    .replace('%', '%25')
    .replace('#', '%23')
  const text = pick([
    `repo:${pick(nsids)}?${actions(repoActions)}`,
    `repo?collection=${pick(nsids)}&collection=${pick(nsids)}&${actions(repoActions)}`,
    `rpc:${pick(nsids)}?aud=${audience}`,
    `rpc?lxm=${pick(nsids)}&lxm=${pick(nsids)}&aud=${audience}`,
    `blob:${pick([...mimes, 'image/*', '*/*'])}`,
    `blob?accept=${pick(mimes)}&accept=${pick(['image/*', 'video/*', '*/*'])}`,
    `account:${pick(accountAttributes)}?${actions(accountActions)}`,
    `identity:${pick(['handle', '*'])}`,
    `include:${pick(nsids)}?aud=${audience}`,
    pick(['transition:generic', 'transition:email', 'transition:chat.bsky', 'atproto']),
  ])
  if (below(10)) return text
  const at = below(text.length)
  return text.slice(0, at) + pick(['', ':', '?', '&', '%', '*', '#', '.', '=']) + text.slice(at + below(2))
}

/** The reference throws where a percent sign stands alone: no valid scope either. */
function isValidThere(text: string): boolean {
  try {
    return isOAuthScope(text) && isAtprotoOauthScope(text)
  } catch {
    return false
  }
}

/** The package writes `localhost%3A2583` without encoding its percent sign, which it then cannot read itself. */
const withPercent = (text: string) => text.replace('localhost%3A', 'localhost%253A')
const isValidHere = (text: string) => readScope(text).resource !== 'invalid'

describe('SC-2: the reference implementation agrees', () => {
  it.each([
    ['likely', likelyScope],
    ['any', anyScope],
  ] as const)('on the validity of 10 000 %s scopes', (_name, generate) => {
    const random = createRandom(1)
    const texts = [...new Set(Array.from({ length: 10_000 }, () => generate(random)))]
    expect(texts.filter((text) => isValidHere(text) !== isValidThere(text))).toEqual([])
    expect(texts.filter(isValidHere).length).toBeGreaterThan(30)
  })

  it('on the meaning of 5 000 scopes: its normal form and the text allow each other', () => {
    const random = createRandom(2)
    const texts = Array.from({ length: 5_000 }, () => likelyScope(random)).filter(isValidThere)
    const differing = texts.filter((text) => {
      const normal = withPercent(normalizeAtprotoOauthScopeValue(text) ?? '')
      return !scopeAllows(text, normal) || !scopeAllows(normal, text)
    })
    expect(differing).toEqual([])
    expect(texts.length).toBeGreaterThan(3_000)
  })
})

/** One thing that an application may do, as the reference is asked and as we are. */
function anyQuestion({ pick }: Random): { wanted: string; ask(there: ScopePermissionsTransition): boolean } {
  const repo = { collection: pick(nsids), action: pick(repoActions) } as const
  const rpc = { lxm: pick(nsids), aud: pick(audiences) } as const
  const blob = { mime: pick(mimes) }
  const account = { attr: pick(accountAttributes), action: pick(accountActions) } as const
  const identity = { attr: pick(['handle', '*'] as const) } as const
  return pick([
    { wanted: RepoPermission.scopeNeededFor(repo), ask: (there) => there.allowsRepo(repo) },
    { wanted: withPercent(RpcPermission.scopeNeededFor(rpc)), ask: (there) => there.allowsRpc(rpc) },
    { wanted: BlobPermission.scopeNeededFor(blob), ask: (there) => there.allowsBlob(blob) },
    { wanted: AccountPermission.scopeNeededFor(account), ask: (there) => there.allowsAccount(account) },
    { wanted: IdentityPermission.scopeNeededFor(identity), ask: (there) => there.allowsIdentity(identity) },
  ] satisfies readonly { wanted: string; ask(there: ScopePermissionsTransition): boolean }[])
}

describe('SC-3 RS-3: the reference implementation agrees', () => {
  it('on what 10 000 granted scopes allow, in the words of its ScopeMissingError', () => {
    const random = createRandom(3)
    const verdicts = Array.from({ length: 10_000 }, () => {
      const granted = Array.from({ length: 1 + random.below(4) }, () => likelyScope(random))
        .filter(isValidThere)
        .join(' ')
      const { wanted, ask } = anyQuestion(random)
      const there = ask(new ScopePermissionsTransition(granted))
      return { granted, wanted, there, here: scopeAllows(granted, wanted) }
    })
    expect(verdicts.filter(({ here, there }) => here !== there)).toEqual([])
    expect(verdicts.filter(({ here }) => here).length).toBeGreaterThan(1_000)
  })
})
