import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../../lib/errors.ts'
import { refusalOf } from '../../../support/refusal.ts'
import { ISSUER, NOW, PDS, sessionRow } from '../../../support/unit/context.ts'
import { ALICE } from '../../../support/unit/names.ts'
import { dpopJwk, openSession } from '../../../support/unit/session.ts'

/** Another URL when it is read a second time. */
function twoFaced(this: { calls: number }): string {
  this.calls += 1
  return this.calls > 1 ? 'https://evil.dev/x' : `${PDS}/x`
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
    const { session, sent } = openSession()
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
    const { session, sent } = openSession()
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
    const { session, sent } = openSession()
    await session.fetchHandler(pathname).catch((error: unknown) => {
      if (!(error instanceof AtprotoAuthError)) throw error
    })
    expect(sent.filter(({ url }) => url.origin !== PDS).map(({ url }) => url.href)).toEqual([])
  })

  const objects = [
    ['a URL', new URL('https://evil.dev/x')],
    ['a Request', new Request('https://evil.dev/x')],
    ['an object of two faces', { calls: 0, toString: twoFaced }],
    ['a list', ['https://evil.dev/x']],
  ] as const
  it.each(objects)('R1 does not carry the token to another host by %s', async (_, value) => {
    const { session, sent } = openSession()
    // Callers in JavaScript give what they like.
    await session.fetchHandler(value as unknown as string).catch((error: unknown) => {
      if (!(error instanceof AtprotoAuthError)) throw error
    })
    expect(sent.filter(({ url }) => url.origin !== PDS)).toEqual([])
  })

  it('sends method, body and headers of the caller, and its own token', async () => {
    const { session, sent } = openSession()
    const headers = { 'content-type': 'application/json', authorization: 'Bearer forged' }
    await session.fetchHandler('/xrpc/a.b.c', { method: 'post', headers, body: '{"a":1}' })
    const { request, body } = sent[0] ?? {}
    expect(request).toMatchObject({ kind: 'resource', method: 'POST' })
    expect(body).toBe('{"a":1}')
    expect(request?.headers?.get('authorization')).toBe('DPoP access-token-canary')
  })
})

describe('blobUrl', () => {
  it('is a public URL on the PDS', () => {
    const cid = 'bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4'
    expect(openSession().session.blobUrl(cid)).toBe(
      `${PDS}/xrpc/com.atproto.sync.getBlob?did=${encodeURIComponent(ALICE)}&cid=${cid}`,
    )
  })

  const bad = [
    '',
    'x',
    '../x',
    'bafkrei&did=x',
    `b${'A'.repeat(58)}`,
    `b${'a'.repeat(500)}`,
    'bafkrei\n',
    'at://x',
  ]
  it.each(bad)('refuses %j', (cid) => {
    expect(() => openSession().session.blobUrl(cid)).toThrow(TypeError)
  })
})

describe('can', () => {
  it('judges what was granted by its meaning', () => {
    const { session } = openSession(undefined, {
      row: { scope: 'atproto repo:app.bsky.feed.post?action=create' },
    })
    const wanted = ['repo:app.bsky.feed.post?action=create', 'repo:app.bsky.feed.post', 'atproto', 'blob:*/*']
    expect(wanted.map((scope) => session.can(scope))).toEqual([true, false, true, false])
  })
})

describe('getServiceAuth', () => {
  const token = 'eyJh.eyJp.c2ln'
  it('asks the PDS for a token for one service and method', async () => {
    const { session, sent } = openSession(() => Response.json({ token }))
    const options = { aud: 'did:web:video.bsky.app', lxm: 'app.bsky.video.uploadVideo', exp: 1_800_000_000 }
    expect(await session.getServiceAuth(options)).toBe(token)
    expect(sent[0]?.url.pathname).toBe('/xrpc/com.atproto.server.getServiceAuth')
    expect(Object.fromEntries(sent[0]?.url.searchParams ?? [])).toEqual({ ...options, exp: '1800000000' })
  })

  it.each([
    { aud: 'video.bsky.app' },
    { aud: 'did:web:a b' },
    { aud: 'did:web:x', lxm: '../x' },
    { aud: 'did:web:x', exp: 1.5 },
  ])('refuses %j', async (options) => {
    const { session, sent } = openSession()
    expect(await refusalOf(session.getServiceAuth(options))).toBeInstanceOf(TypeError)
    expect(sent).toEqual([])
  })

  it.each([{}, { token: 7 }, { token: 'a.b.c\r\nx: y' }, { token: 'x' }, []])(
    'takes no token from %j',
    async (json) => {
      const { session } = openSession(() => Response.json(json))
      const outcome = session.getServiceAuth({ aud: 'did:web:video.bsky.app' })
      expect(await refusalOf(outcome)).toMatchObject({ code: 'invalid_response' })
    },
  )
})

describe('getTokenInfo', () => {
  it('tells a session that is gone from the store', async () => {
    expect(await refusalOf(openSession().session.getTokenInfo())).toMatchObject({ code: 'session_ended' })
  })

  it.each([
    [NOW + 60_000, false],
    [NOW, true],
    [undefined, undefined],
  ])('tells what is known of a token that ends at %s', async (expiresAt, expired) => {
    const { session, context } = openSession(undefined, { row: { expiresAt } })
    await context.sessions.create(session.id, sessionRow(dpopJwk, { expiresAt }))
    expect({ ...(await session.getTokenInfo(false)) }).toEqual({
      iss: ISSUER,
      aud: PDS,
      sub: ALICE,
      scope: 'atproto',
      expired,
      expiresAt: expiresAt && new Date(expiresAt),
    })
  })
})

describe('a session', () => {
  it('X9 shows neither token, key nor id when it is logged', () => {
    const { session } = openSession()
    const shown = inspect(session, { depth: 9, showHidden: true }) + JSON.stringify(session)
    expect(shown).not.toContain('canary')
    expect(shown).not.toContain(dpopJwk.d)
  })

  it('X9 shows no more through a service', () => {
    const view = openSession().session.withProxy('did:web:api.bsky.app#bsky_appview')
    const shown = inspect(view, { depth: 9, showHidden: true }) + JSON.stringify(view)
    expect(shown).not.toMatch(/canary/)
    expect(shown).not.toContain(dpopJwk.d)
  })

  it('becomes the account alone in JSON', () => {
    expect(JSON.parse(JSON.stringify(openSession().session))).toEqual({ did: ALICE })
  })

  it('tells account, PDS and scope', () => {
    const { session } = openSession()
    expect([session.did, session.sub, session.pds, session.scope]).toEqual([ALICE, ALICE, PDS, 'atproto'])
  })
})
