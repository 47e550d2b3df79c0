/** Texts of strangers: whatever stands in them, there is a value or a typed error, and never another place. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvText } from '../../../lib/cli/project/env-text.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { parseIdentifier, parseServerUrl } from '../../../lib/identity/syntax.ts'
import { urlOnPds } from '../../../lib/oauth/resource/pds-url.ts'
import { resourceHeaders } from '../../../lib/oauth/resource/request-body.ts'
import { compareScopes, missingScopes, scopeAllows } from '../../../lib/oauth/scope/compare.ts'
import { lintScope } from '../../../lib/oauth/scope/lint.ts'
import { readScope } from '../../../lib/oauth/scope/parse.ts'
import { parseCallback, shownParams } from '../../../lib/oauth/sign-in/callback-parameters.ts'
import { cleanText, escapeControls } from '../../../lib/untrusted-text.ts'
import { createPathMatcher } from '../../../lib/web/path-pattern.ts'
import { safeReturnTo } from '../../../lib/web/return-to.ts'
import { anyText, forAll, like } from '../../support/unit/fuzz.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be in what is shown.
const control = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** What a call returns; undefined when it threw an error of this library. Any other error fails the test. */
function orTypedError<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  }
}

const textLike = (...texts: readonly string[]) => fc.oneof(anyText, ...texts.map(like))

describe('a text of a stranger', () => {
  it('as returnTo leads to a path of this application', () => {
    forAll(textLike('/albums?sort=new#top', '//evil.dev', '/\\evil.dev', '/oauth/logout'), (text) => {
      const path = safeReturnTo(text, '/home', '/oauth')
      expect(path).toMatch(/^\/(?!\/)/)
      const url = new URL(path, 'https://app.host.dev')
      expect(url.origin).toBe('https://app.host.dev')
      expect(url.pathname.startsWith('/oauth/')).toBe(false)
    })
  })

  it('as a path for fetchHandler stays on the PDS', () => {
    const pds = 'https://pds.host.dev'
    forAll(
      textLike('/xrpc/a.b.c?d=e', '//evil.dev/x', '/\\evil.dev', 'https://evil.dev', '\t//evil.dev'),
      (text) => {
        const url = orTypedError(() => urlOnPds(text, pds))
        if (url) expect([url.origin, url.username, url.password]).toEqual([pds, '', ''])
      },
    )
  })

  it('as an identifier is a handle, a DID or a typed error, and reads the same when it is read again', () => {
    forAll(
      textLike('alice.host.dev', 'did:plc:ewvi7nxzyoun6zhxrhs64oiz', 'at://alice.host.dev', 'did:web:a.dev'),
      (text) => {
        const parsed = orTypedError(() => parseIdentifier(text))
        if (parsed !== undefined) {
          expect(parsed).toMatch(/^(did:[a-z]+:[\w.:%-]+|[a-z0-9.-]+)$/)
          expect(parseIdentifier(parsed)).toBe(parsed)
        }
        const server = parseServerUrl(text)
        if (server !== undefined) expect(new URL(server).origin).toBe(server)
      },
    )
  })

  it('as a scope is compared without an error, and allows nothing that it does not name', () => {
    const scopes = [
      'atproto repo:app.bsky.feed.post?action=create',
      'rpc:a.b.c?aud=did:web:a.dev%23x blob:image/*',
    ]
    forAll(fc.tuple(textLike(...scopes), textLike(...scopes)), ([granted, wanted]) => {
      const allows = scopeAllows(granted, wanted)
      expect(missingScopes(wanted, granted).length === 0 || !allows).toBe(true)
      compareScopes(wanted, granted)
      lintScope(granted)
      readScope(granted)
      expect(scopeAllows('', 'repo:app.bsky.feed.post')).toBe(false)
    })
  })

  it('as the query of a callback is an answer or a typed error, and is shown without control characters', () => {
    const names = ['code', 'state', 'iss', 'error', 'error_description', 'response', 'x']
    const query = fc.array(fc.tuple(fc.constantFrom(...names), anyText), { maxLength: 8 })
    forAll(query, (pairs) => {
      const params = new URLSearchParams(pairs.map(([name, value]) => [name, value.toWellFormed()]))
      orTypedError(() => parseCallback(params))
      for (const value of shownParams(params).values()) expect(value).not.toMatch(control)
    })
  })

  it('as a guarded path is in or out, and as a pattern is understood or refused', () => {
    const matches = createPathMatcher(['/account/:path*', '/:locale/compose', /^\/x/], 'protect')
    forAll(textLike('/account/a%20b', '/de/compose', '/%ff', '/account//'), (text) => {
      expect(typeof matches(`/${text}`)).toBe('boolean')
      expect(matches(`/account/${text}`)).toBe(true)
    })
    forAll(textLike('/account/:path*', '/a/:b/c'), (pattern) => {
      try {
        createPathMatcher([pattern], 'protect')('/account')
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    })
  })

  it('in a log has no control character left', () => {
    forAll(textLike('a\u009b31m\u202e\u2028b'), (text) => {
      expect(escapeControls(text)).not.toMatch(control)
      expect(cleanText(text) ?? '').not.toMatch(control)
    })
  })

  it('as a header of a call loses what belongs to one connection', () => {
    const value = fc.string({ unit: fc.constantFrom(...'abc,; =x-'), maxLength: 60 })
    forAll(value, (connection) => {
      const headers = resourceHeaders({ connection, authorization: 'stolen', 'x-forwarded-for': '1' })
      expect([...headers.keys()].filter((name) => name !== 'x-a')).toEqual([])
    })
  })

  it('as an .env file is read, whatever it is', () => {
    forAll(textLike('A=1\nexport B="x\ny"\nC: z # note\n', "D='a\\'b'"), (text) => {
      for (const [name, value] of Object.entries(parseEnvText(text))) {
        expect([typeof name, typeof value]).toEqual(['string', 'string'])
      }
    })
  })
})
