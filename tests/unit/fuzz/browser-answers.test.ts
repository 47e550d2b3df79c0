/** What the library's code in a browser reads: the session route, and an AppView that anyone may run. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pictureUrl } from '../../../lib/react/parts/web-address.ts'
import { type BrowserSession, toBrowserSession } from '../../../lib/react/session/browser-session.ts'
import { toFetchedProfile } from '../../../lib/react/session/fetched-profile.ts'
import { parseSuggestions } from '../../../lib/react/suggestions/handle-search.ts'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import { anyText, forAll, like } from '../../support/unit/fuzz.ts'
import { expectPlain, hostileValue } from '../../support/unit/hostile-json.ts'

const did = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
const status = {
  kind: 'active',
  did,
  handle: 'alice.host.dev',
  displayName: 'Alice',
  avatar: 'https://a.dev/x',
}

/** `fetch` gives the parsed answer the type that the caller expects. */
function asStatus(value: unknown): BrowserSession {
  return value as BrowserSession
}

describe('in a browser', () => {
  it('the answer of the session route is a status of known fields, or a TypeError', () => {
    const answers = fc.oneof(
      hostileValue({ ...status, accessToken: 'at-1', isComplete: true }),
      hostileValue({ ...status, kind: 'reauth_required', reason: 'revoked' }),
    )
    const known = new Set(['kind', 'did', 'handle', 'displayName', 'avatar', 'reason'])
    forAll(answers, (answer) => {
      try {
        const session = toBrowserSession(asStatus(answer))
        for (const name of Object.keys(session)) expect(known).toContain(name)
        if ('did' in session) expect(session.did).toBeTypeOf('string')
        expectPlain({ ...session, reason: undefined })
        expectPlain(toFetchedProfile(session, false, undefined))
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
      }
    })
  })

  it('suggested accounts have a handle, a short name and an https picture', () => {
    const actor = { did, handle: 'alice.host.dev', displayName: 'Alice', avatar: 'https://a.dev/x' }
    forAll(hostileValue({ actors: [actor, { ...actor, handle: 'bob.host.dev' }] }), (answer) => {
      for (const { handle, displayName = '', avatar } of parseSuggestions(answer)) {
        expect(handle).toMatch(/^[a-z0-9.-]+$/i)
        expect(displayName.length).toBeLessThanOrEqual(64)
        if (avatar !== undefined) expect(new URL(avatar).protocol).toBe('https:')
      }
      expectPlain(parseSuggestions(answer))
    })
  })

  it('a picture is at https or on this site, and an error code gives a sentence of this library or none', () => {
    const texts = fc.oneof(
      like('https://a.dev/x'),
      like('/avatar'),
      fc.constantFrom('//evil.dev', '/\\evil.dev'),
      anyText,
    )
    forAll(texts, (text) => {
      const address = pictureUrl(text)
      const url = address === undefined ? undefined : new URL(address, 'https://app.host.dev')
      expect(url?.protocol ?? 'https:').toBe('https:')
      if (text.startsWith('/') && url) expect(url.origin).toBe('https://app.host.dev')
    })
    forAll(fc.oneof(fc.constantFrom('constructor', '__proto__', 'toString'), anyText), (code) => {
      const message = signInErrorMessage(code)
      if (message !== undefined) expect(message).toBeTypeOf('string')
    })
  })
})
