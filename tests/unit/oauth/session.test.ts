import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import type { GuardedRequest } from '../../../lib/net/guarded-fetch.ts'
import { OAuthSession } from '../../../lib/oauth/session.ts'
import { createContext, PDS, sessionRow } from '../support/context.ts'
import { ALICE } from '../support/names.ts'

const dpopJwk = await generatePrivateJwk()

/** A session whose requests end here. */
function open() {
  const sent: { readonly url: URL; readonly request: GuardedRequest }[] = []
  const context = createContext({
    async fetch(url, request) {
      sent.push({ url: new URL(url), request })
      return new Response('{}')
    },
  })
  const session = new OAuthSession(
    { id: 'session-id-canary', row: sessionRow(dpopJwk), generation: 1 },
    context,
  )
  return { session, sent }
}

describe('fetchHandler', () => {
  const own = [
    ['/xrpc/a.b.c?x=1', '/xrpc/a.b.c?x=1'],
    ['/xrpc/a.b.c#fragment', '/xrpc/a.b.c'],
    [`${PDS}/xrpc/a.b.c`, '/xrpc/a.b.c'],
    ['xrpc/a.b.c', '/xrpc/a.b.c'],
    ['/xrpc/../xrpc/a.b.c', '/xrpc/a.b.c'],
    ['', '/'],
  ] as const
  it.each(own)('sends %j to %s of the PDS', async (pathname, expected) => {
    const { session, sent } = open()
    await session.fetchHandler(pathname)
    expect(sent.map(({ url }) => url.href)).toEqual([PDS + expected])
  })

  const foreign = [
    ...['https://evil.dev', 'https://evil.dev/xrpc/a.b.c', 'HTTPS://EVIL.DEV', 'http://pds.host.dev/x'],
    ...['https://pds.host.dev:8443/x', 'https://pds.host.dev.evil.dev', 'https://pds.host.dev@evil.dev'],
    ...[
      'https://user:pw@pds.host.dev/x',
      'https://@evil.dev',
      '//evil.dev',
      '//evil.dev/xrpc/a.b.c',
      '///evil.dev',
    ],
    ...[
      '////evil.dev',
      '\\\\evil.dev',
      '/\\evil.dev',
      '\\/evil.dev',
      '/\t/evil.dev',
      '/\n/evil.dev',
      '\t//evil.dev',
    ],
    ...[' //evil.dev', '\u0000//evil.dev', 'https:\\\\evil.dev', 'http:evil.dev', '//pds.host.dev@evil.dev'],
    ...['javascript:alert(1)', 'data:text/plain,x', 'blob:https://evil.dev/x', 'file:///etc/passwd'],
    ...[
      'ws://pds.host.dev',
      '//[::1]',
      '//169.254.169.254/latest',
      '//localhost',
      'https://xn--pds-host.dev',
      'https://',
    ],
  ]
  it.each(foreign)('refuses to carry the token to %j', async (pathname) => {
    const { session, sent } = open()
    await expect(session.fetchHandler(pathname)).rejects.toMatchObject({ code: 'foreign_origin' })
    expect(sent).toEqual([])
  })

  // Paths that begin with two slashes once they are normalised: harmless on their own URL, another host when
  // they are resolved a second time.
  const disguised = [
    '/.//evil.dev/xrpc/a.b.c',
    '/..//evil.dev/xrpc/a.b.c',
    '/%2e//evil.dev/xrpc/a.b.c',
    '/%2E%2e//evil.dev/xrpc/a.b.c',
    '/x/..//evil.dev/xrpc/a.b.c',
    './/evil.dev/xrpc/a.b.c',
    '/.\\/evil.dev/xrpc/a.b.c',
    '/./\\evil.dev/xrpc/a.b.c',
    `${PDS}//evil.dev/xrpc/a.b.c`,
    `${PDS}/\\evil.dev/xrpc/a.b.c`,
    `${PDS}\\\\evil.dev/xrpc/a.b.c`,
    'https:/evil.dev',
    'blob:https://pds.host.dev/x',
  ]
  it.each(disguised)('does not carry the token to another host by %j', async (pathname) => {
    const { session, sent } = open()
    await session.fetchHandler(pathname).catch((error: unknown) => {
      if (!(error instanceof AtprotoAuthError)) throw error
    })
    expect(sent.filter(({ url }) => url.origin !== PDS).map(({ url }) => url.href)).toEqual([])
  })

  it('sends method, body and headers of the caller, and its own token', async () => {
    const { session, sent } = open()
    const headers = { 'content-type': 'application/json', authorization: 'Bearer forged' }
    await session.fetchHandler('/xrpc/a.b.c', { method: 'post', headers, body: '{"a":1}' })
    const { request } = sent[0] ?? {}
    expect(request).toMatchObject({ kind: 'resource', method: 'POST' })
    expect(new TextDecoder().decode(Buffer.from(request?.body ?? ''))).toBe('{"a":1}')
    expect(request?.headers?.get('authorization')).toBe('DPoP access-token-canary')
  })
})

describe('a session', () => {
  it('shows neither token, key nor id when it is logged', () => {
    const { session } = open()
    const shown = inspect(session, { depth: 9, showHidden: true }) + JSON.stringify(session)
    expect(shown).not.toContain('canary')
    expect(shown).not.toContain(dpopJwk.d)
  })

  it('becomes the account alone in JSON', () => {
    expect(JSON.parse(JSON.stringify(open().session))).toEqual({ did: ALICE })
  })

  it('tells account, PDS and scope', () => {
    const { session } = open()
    expect([session.did, session.sub, session.pds, session.scope]).toEqual([ALICE, ALICE, PDS, 'atproto'])
  })
})
