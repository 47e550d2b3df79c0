/** A missing scope, in the words of servers of several makers. */
import { describe, expect, it } from 'vitest'
import { findMissingScope } from '../../../../lib/oauth/resource/missing-scope.ts'

const LIKE = 'repo:app.bsky.feed.like?action=create'

/** What is found in a refusal of a session that was granted `atproto blob:image/*`. */
function found(
  words: string | undefined,
  { status = 403, error = 'InsufficientScope', challenge = '', declared = `atproto blob:*/* ${LIKE}` } = {},
) {
  const response = new Response(null, { status, headers: { 'www-authenticate': challenge } })
  return findMissingScope({ response, error, words, granted: 'atproto blob:image/*', declared, secrets: [] })
}

describe('findMissingScope', () => {
  it.each([
    [403, 'InsufficientScope', `Missing required scope: ${LIKE}`],
    [403, 'InsufficientScope', `Missing required scope ${LIKE}`],
    [403, 'ScopeMissingError', `Missing required scope "${LIKE}"`],
    [403, 'InsufficientScope', `missing required scope '${LIKE}'`],
    [401, 'InsufficientScope', `Missing required scope: "${LIKE}"`],
    [401, 'ScopeMissingError', `Missing required scope ${LIKE}`],
    [403, 'insufficient_scope', `Missing required scope: ${LIKE}`],
    [403, 'InsufficientScope', `Missing required scope "${LIKE}".`],
    [403, 'InsufficientScope', `Missing required scope: “${LIKE}”`],
    [403, 'InsufficientScope', `Missing required scope: ‘${LIKE}’.`],
    [403, 'InsufficientScope', `Missing scope: \`${LIKE}\``],
    [403, 'InsufficientScope', `Missing required scopes: ${LIKE}.`],
  ])('reads the scope from %i %s: %s', (status, error, words) => {
    expect(found(words, { status, error })).toEqual({
      missingScope: LIKE,
      askFor: `atproto blob:*/* ${LIKE}`,
    })
  })

  it.each([
    undefined,
    'Insufficient scope',
    'Missing required scope',
    'Missing required scope: ',
    'Missing required scope: everything',
    'Missing required scope: repo:app.bsky.feed.like repo:app.bsky.feed.post',
    'Missing required scope "repo:app.bsky.feed.like repo:app.bsky.feed.post"',
    `Missing required scope: ${LIKE} and more`,
    `Missing required scope "${LIKE}" and "repo:app.bsky.feed.post"`,
    'Missing required scope: repo:app.bsky.feed.like?action=fly',
    `Missing required scope: repo:app.bsky.${'x'.repeat(600)}`,
  ])('knows that a scope is missing, but not which, from %j', (words) => {
    expect(found(words)).toEqual({ missingScope: undefined, askFor: undefined })
  })

  it('takes from a challenge the one scope that the session does not have', () => {
    const challenge = `DPoP error="insufficient_scope", scope="atproto blob:image/png ${LIKE}"`
    expect(found(undefined, { error: '', challenge })).toMatchObject({ missingScope: LIKE })
    const unescaped = `DPoP error="insufficient_scope", error_description="no "${LIKE}" here", scope="${LIKE}"`
    expect(found(undefined, { error: '', challenge: unescaped })).toMatchObject({ missingScope: LIKE })
    const two = `DPoP error="insufficient_scope", scope="${LIKE} identity:handle"`
    expect(found(undefined, { error: '', challenge: two })).toEqual({
      missingScope: undefined,
      askFor: undefined,
    })
  })

  it.each([
    ['a scope that the client does not declare', 'account:repo?action=manage', 'atproto blob:*/*'],
    ['more than the client declares', 'repo:app.bsky.feed.like', `atproto ${LIKE}`],
    ['everything', 'repo:*', `atproto ${LIKE} repo:app.bsky.feed.post`],
    ['a transition scope', 'transition:generic', `atproto ${LIKE}`],
  ])('does not let a server write the next request: %s', (_what, scope, declared) => {
    expect(found(`Missing required scope: ${scope}`, { declared })).toEqual({
      missingScope: scope,
      askFor: undefined,
    })
  })

  it('asks for the declared scope that allows what is missing', () => {
    const declared =
      'atproto repo:app.bsky.feed.post repo:app.bsky.feed.like blob:image/* include:com.example.set'
    expect(found(`Missing required scope: ${LIKE}`, { declared })).toEqual({
      missingScope: LIKE,
      askFor: 'atproto repo:app.bsky.feed.like blob:image/*',
    })
  })

  it('asks again for nothing but what is declared, whatever a server says it has granted', () => {
    const response = new Response(null, { status: 403 })
    const refusal = {
      response,
      error: 'InsufficientScope',
      words: `Missing required scope: ${LIKE}`,
      secrets: [],
    }
    const declared = `atproto ${LIKE} repo:com.example.a include:com.example.set`
    const granted =
      'atproto evil:thing account:email?action=manage repo:com.example.a?action=create repo:com.example.inSet'
    expect(findMissingScope({ ...refusal, declared, granted })?.askFor).toBe(declared)
    expect(findMissingScope({ ...refusal, declared, granted: 'atproto evil:thing' })?.askFor).toBe(
      `atproto ${LIKE}`,
    )
  })

  it('shows no token that a challenge quotes as a scope', () => {
    const token = 'access.CANARY.0123456789abcdef'
    const response = new Response(null, {
      status: 403,
      headers: { 'www-authenticate': `DPoP error="insufficient_scope", scope="blob:${token}/x"` },
    })
    const refusal = {
      response,
      error: undefined,
      words: undefined,
      granted: 'atproto',
      declared: 'atproto blob:*/*',
    }
    expect(findMissingScope({ ...refusal, secrets: [token] })).toEqual({
      missingScope: undefined,
      askFor: undefined,
    })
  })

  it.each([
    [400, 'InsufficientScope', ''],
    [500, 'InsufficientScope', ''],
    [403, 'Forbidden', ''],
    [401, 'InvalidToken', 'DPoP error="invalid_token"'],
  ])('leaves %i %s with the challenge %j alone', (status, error, challenge) => {
    expect(found(`Missing required scope: ${LIKE}`, { status, error, challenge })).toBeUndefined()
  })
})
