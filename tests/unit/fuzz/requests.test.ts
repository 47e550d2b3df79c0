/** Requests of strangers, and what an application passes on of them: an answer or a typed error, and nothing else. */
import fc from 'fast-check'
import { NextRequest } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { clientNetwork } from '../../../lib/next/limits/client-address.ts'
import { authMiddleware } from '../../../lib/next/middleware.ts'
import { parseAudience, parseCid, parseServiceId } from '../../../lib/oauth/resource/service-id.ts'
import { passThrough } from '../../../lib/oauth/session/xrpc-proxy.ts'
import { cookieSettings, readCookieNames, readCookieValues } from '../../../lib/web/cookie-header.ts'
import { describeUserAgent } from '../../../lib/web/device-label.ts'
import { findFlow, finishedSignInsOf, sealFlowCookie, startFlow } from '../../../lib/web/flow-cookie.ts'
import { readForm } from '../../../lib/web/form-body.ts'
import { isFromOwnPage, isOwnNavigation, isSpeculative } from '../../../lib/web/request-checks.ts'
import { anyText, forAll, forAllSlow, like, likeBytes } from '../../support/unit/fuzz.ts'
import { openSession } from '../../support/unit/session.ts'

const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const ORIGIN = 'https://app.host.dev'
const cookies = cookieSettings(ORIGIN)
const config = { cookies, secrets: [SECRET] as const }

/** What can be in a header at all. */
const headerText = (...texts: readonly string[]) =>
  fc.oneof(...texts.map(like), anyText).map((text) => text.replaceAll(/[^\t\x20-\x7e\xa0-\xff]/g, ''))

describe('cookies of a stranger', () => {
  it('are read without an error, and none starts or ends a sign-in that this browser has not', async () => {
    const name = `${cookies.flowPrefix}abc-0123456789abcdef`
    const sealed = await sealFlowCookie('state-1', [SECRET])
    await forAllSlow(
      headerText(`${name}=${sealed}; ${cookies.sessionName}=x`, '=;;=; a; a=b=c'),
      async (header) => {
        readCookieValues(header, cookies.sessionName)
        for (const found of readCookieNames(header, cookies.flowPrefix))
          expect(found).toMatch(/^[\w.-]{1,128}$/)
        // The name says which sign-in a cookie is of; here it is of none.
        expect(await findFlow(header, 'state-1', config)).toBeUndefined()
        expect(await finishedSignInsOf(header, config)).toEqual([])
        for (const { name: changed } of await startFlow(header, 'state-2', config))
          expect(changed.startsWith(cookies.flowPrefix)).toBe(true)
      },
    )
  })

  it('at the middleware let a request pass or send it away, and make no error', async () => {
    const guard = authMiddleware({ protect: ['/account/:path*'], signInPage: '/sign-in' })
    const paths = like('/account/settings?tab=1')
    const inputs = fc.tuple(paths, headerText(`${cookies.sessionName}=Fe26.2*1*a*b*c*d*e*f~2`))
    await forAllSlow(inputs, async ([path, cookie]) => {
      const url = URL.parse(path.toWellFormed(), `${ORIGIN}/account/`)
      if (url?.origin !== ORIGIN) return
      const answer = await guard(new NextRequest(url.href, { headers: { cookie } }))
      if (!url.pathname.startsWith('/account')) return
      if (answer) expect(new URL(answer.headers.get('location') ?? '', ORIGIN).origin).toBe(ORIGIN)
    })
  })
})

describe('a request of a browser to the PDS', () => {
  const allow = { 'app.bsky.feed.getTimeline': 'GET', 'com.atproto.repo.createRecord': 'POST' } as const
  const nsids = fc.oneof(
    fc.constantFrom(...Object.keys(allow), '__proto__', 'constructor', 'toString'),
    like('app.bsky.feed.getTimeline'),
  )
  const headers = fc.dictionary(
    fc.constantFrom(
      'accept',
      'authorization',
      'dpop',
      'cookie',
      'atproto-proxy',
      'sec-fetch-site',
      'range',
      'origin',
    ),
    headerText('same-origin', 'none', 'DPoP stolen', 'did:web:evil.dev#x'),
  )

  it('is refused, or goes to that PDS with this session’s token and a listed method', async () => {
    const inputs = fc.tuple(
      nsids,
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      headers,
      like('?limit=1&cursor=a'),
    )
    await forAllSlow(inputs, async ([nsid, method, sentHeaders, query]) => {
      const now = Date.now()
      const row = { issuedAt: now, expiresAt: now + 3_600_000 }
      const { session, sent } = openSession(() => Response.json({}), { now: Date.now, row })
      const url = URL.parse(`${ORIGIN}/api/xrpc/x${query.startsWith('?') ? query : ''}`)
      const request = new Request(url ?? ORIGIN, { method, headers: sentHeaders })
      const answer = await passThrough(session, nsid, request, { allow })
      expect(answer.status).toBeLessThan(500)
      for (const { url: target, request: passed } of sent) {
        expect(target.origin + target.pathname).toBe(`https://pds.host.dev/xrpc/${nsid}`)
        expect([passed.method, Object.hasOwn(allow, nsid)]).toEqual([method, true])
        expect(passed.headers?.get('authorization')).toBe('DPoP access-token-canary')
        for (const name of ['cookie', 'origin', 'atproto-proxy']) expect(passed.headers?.get(name)).toBeNull()
      }
    })
  })

  it('by fetchHandler is sent to that PDS, or not at all: a typed error or a TypeError', async () => {
    const addresses = fc.oneof(
      like('/xrpc/a.b.c?d=e'),
      fc.constantFrom('//evil.dev', '/\\evil.dev', 'https://evil.dev'),
      anyText,
    )
    const methods = fc.oneof(fc.constantFrom('GET', 'post', 'TRACE', 'CONNECT', '__proto__'), like('GET'))
    const names = fc.dictionary(headerText('x-a', 'content-type', 'Host'), headerText('text/plain'))
    await forAllSlow(fc.tuple(addresses, methods, names), async ([address, method, given]) => {
      const now = Date.now()
      const row = { issuedAt: now, expiresAt: now + 3_600_000 }
      const { session, sent } = openSession(() => Response.json({}), { now: Date.now, row })
      try {
        await session.fetchHandler(address, { method, headers: given })
      } catch (error) {
        expect(error instanceof AtprotoAuthError || error instanceof TypeError).toBe(true)
        expect(String(error)).not.toContain('canary')
      }
      for (const { url, request } of sent) {
        expect(url.origin).toBe('https://pds.host.dev')
        expect(request.headers?.get('authorization')).toBe('DPoP access-token-canary')
      }
    })
  })

  it('names services, audiences and blobs that a header or URL can hold, or gives a TypeError', () => {
    forAll(
      fc.oneof(like('did:web:api.bsky.app#bsky_appview'), like(`bafkrei${'a'.repeat(52)}`), anyText),
      (text) => {
        for (const parse of [parseServiceId, parseAudience, parseCid]) {
          try {
            expect(parse(text)).toMatch(/^[\x21-\x7e]+$/)
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError)
          }
        }
      },
    )
  })
})

describe('the headers and the body of a request', () => {
  it('say who asks, or nothing', () => {
    const values = headerText(
      '192.0.2.1',
      '[2001:db8::1]:80',
      '::ffff:192.0.2.1',
      'same-origin',
      'prefetch;x',
    )
    forAll(fc.tuple(values, values), ([one, other]) => {
      const network = clientNetwork(one)
      if (network !== undefined) expect(network).toMatch(/^([\d.]+|[0-9a-f:]+::\/64)$/)
      const headers = { 'sec-fetch-site': one, 'sec-purpose': other, origin: other, 'user-agent': one }
      const request = new Request(ORIGIN, { headers })
      for (const says of [isSpeculative(request), isOwnNavigation(request)])
        expect(says).toBeTypeOf('boolean')
      expect(isFromOwnPage(request.headers, ORIGIN)).toBe(
        request.headers.get('sec-fetch-site') === 'same-origin',
      )
      expect((describeUserAgent(one) ?? '').length).toBeLessThan(40)
    })
  })

  it('as a form are fields, or no form', async () => {
    const body = new TextEncoder().encode('identifier=alice.host.dev&returnTo=%2Fhome&__proto__=x')
    await forAllSlow(
      fc.tuple(likeBytes(body), headerText('application/x-www-form-urlencoded')),
      async ([bytes, type]) => {
        const headers = { 'content-type': type }
        const request = new Request(ORIGIN, { method: 'POST', headers, body: Uint8Array.from(bytes) })
        const form = await readForm(request)
        if (form) expect(form).toBeInstanceOf(URLSearchParams)
      },
    )
  })
})
