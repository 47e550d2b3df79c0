import { findMissingScope } from '../../../../lib/oauth/resource/missing-scope.ts'
import { compareScopes } from '../../../../lib/oauth/scope/compare.ts'
import { lintScope } from '../../../../lib/oauth/scope/lint.ts'
import { parseRefusal, refusalWords } from '../../../../lib/oauth/server/refusal-words.ts'
import { rateLimitResetMs, retryAfterMs } from '../../../../lib/oauth/server/retry-after.ts'
import { parseRotatedTokens, parseTokenResponse } from '../../../../lib/oauth/server/token-response.ts'
import { readChallenges } from '../../../../lib/oauth/server/www-authenticate.ts'
import { type GrowingInputs, jsonInputs, many } from './inputs.ts'

const letters = many('a')
const json = { 'content-type': 'application/json' }
const ISSUER = 'https://as.host.dev'
const secret = 'an access token of sixteen and more characters'
const header = (name: string, text: string) => new Headers({ [name]: text.replaceAll(/[^\x20-\x7e]/g, '') })

export const growingAnswers: readonly GrowingInputs[] = [
  {
    parser: 'granted scope',
    inputs: {
      words: many('a '),
      spaces: many(' '),
      collections: many('collection=a.b.c&', 'repo?'),
      actions: many(',create', 'repo:a.b.c?action=create', '!'),
      sets: many('include:a.b.c?aud=did:web:a.dev%23x '),
      marks: many('?action='),
      escapes: many('%', 'repo:'),
    },
    run(text) {
      compareScopes(
        'atproto repo:app.bsky.feed.post include:app.bsky.authFull rpc:a.b.c?aud=did:web:a.dev%23x',
        text,
      )
      lintScope(text)
    },
  },
  {
    parser: 'WWW-Authenticate',
    inputs: {
      quotes: many('a="'),
      escapes: many('\\"', 'DPoP a="'),
      spaces: many(' ', 'DPoP a', '='),
      words: many('a '),
      names: letters,
    },
    run: (text) =>
      readChallenges(new Response(null, { status: 401, headers: header('www-authenticate', text) })),
  },
  {
    parser: 'missing scope',
    inputs: {
      spaces: many(' ', 'Missing required scope: '),
      quotes: many('"', 'Missing required scope: '),
      letters: many('a', 'Missing required scope: '),
    },
    run: (words) =>
      findMissingScope({
        response: new Response(null, { status: 403 }),
        error: 'ScopeMissingError',
        words,
        granted: 'atproto',
        declared: 'atproto',
        secrets: [secret],
      }),
  },
  {
    parser: 'Retry-After',
    inputs: { digits: many('1'), spaces: many(' ', '1', 'x'), words: many('Wed, '), parentheses: many('(') },
    run(text) {
      retryAfterMs(header('retry-after', text), 0)
      rateLimitResetMs(header('ratelimit-reset', text), 0)
    },
  },
  {
    parser: 'token answer',
    inputs: {
      ...jsonInputs,
      scope: many('a ', '{"access_token":"a","token_type":"DPoP","scope":"', '"}'),
      token: many('a', '{"access_token":"', '"}'),
    },
    async run(text) {
      await parseRotatedTokens(new Response(text, { headers: json }), ISSUER, 0)
      await parseTokenResponse(new Response(text, { headers: json }), ISSUER, 0)
    },
  },
  {
    parser: 'error answer',
    inputs: {
      ...jsonInputs,
      controls: many('\\u202e', '{"error":"a","error_description":"', '"}'),
      spaces: many(' ', '{"error":"a","error_description":"', 'x"}'),
      'nearly a JWT': many('ey', '{"error":"a","message":" ', '"}'),
      JWTs: many('eyJhbGciOiJ.', '{"error":"a","message":" ', '"}'),
      'nearly the token': many(secret.slice(0, 15), '{"error":"a","message":"', '"}'),
      'the token': many(secret, '{"error":"a","message":"', '"}'),
    },
    run: (text) => refusalWords(parseRefusal(text) ?? {}, [secret]),
  },
]
