/** The guard among others: an own answer, a middleware behind it, and what next.config says of paths. */
import { NextFetchEvent } from 'next/dist/server/web/spec-extension/fetch-event.js'
import { NextRequest, NextResponse } from 'next/server.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { authMiddleware, authProxy } from '../../../lib/next/middleware.ts'
import { cookieSettings } from '../../../lib/web/cookie-header.ts'
import { sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { ALICE } from '../../support/unit/names.ts'

const ORIGIN = 'https://app.host.dev'
const SECRET = 'a secret without a comma 0123456789'
const sealed = await sealSessionCookie({ did: ALICE, sessionIds: ['id'] }, [SECRET], 3_600)
const protect = ['/account/:path*']

interface Visit {
  readonly method?: string
  readonly cookie?: string
  readonly nextConfig?: { readonly basePath?: string; readonly trailingSlash?: boolean }
}

function requestOf(path: string, { method = 'GET', cookie, nextConfig }: Visit = {}): NextRequest {
  const headers = new Headers(cookie === undefined ? {} : { cookie })
  return new NextRequest(ORIGIN + path, { method, headers, ...(nextConfig && { nextConfig }) })
}

function eventOf(request: NextRequest): NextFetchEvent {
  return new NextFetchEvent({ request, page: '/', context: undefined })
}

const locationOf = (response: Response | undefined) => response?.headers.get('location')
const cookieOf = (publicUrl: string) => `${cookieSettings(publicUrl).sessionName}=${sealed}`

afterEach(() => void vi.unstubAllEnvs())

describe('onSignedOut', () => {
  it('answers strangers in its own way', async () => {
    const guard = authMiddleware({
      protect,
      onSignedOut: () => new Response('who are you?', { status: 401 }),
    })
    const response = await guard(requestOf('/account'))
    expect([response?.status, await response?.text()]).toEqual([401, 'who are you?'])
  })

  it('gets the request, and the URL of the sign-in page to change', async () => {
    const guard = authMiddleware({
      protect: ['/:locale/account'],
      onSignedOut({ nextUrl }, signIn) {
        signIn.pathname = `/${nextUrl.pathname.split('/')[1]}/sign-in`
        return NextResponse.redirect(signIn)
      },
    })
    expect(locationOf(await guard(requestOf('/de/account?a=1')))).toBe(
      `${ORIGIN}/de/sign-in?returnTo=%2Fde%2Faccount%3Fa%3D1`,
    )
  })

  it('leaves it to the guard when it has no answer', async () => {
    const guard = authMiddleware({ protect, onSignedOut: async () => undefined })
    expect(locationOf(await guard(requestOf('/account')))).toContain('/oauth/login?')
  })

  it('is not asked about those who look signed in', async () => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    const onSignedOut = vi.fn(() => undefined)
    await authMiddleware({ protect, onSignedOut })(requestOf('/account', { cookie: cookieOf(ORIGIN) }))
    expect(onSignedOut).not.toHaveBeenCalled()
  })
})

describe('a middleware behind the guard', () => {
  const answer = NextResponse.rewrite(`${ORIGIN}/en/account`, { headers: { 'set-cookie': 'NEXT_LOCALE=en' } })
  const after = vi.fn((_request: NextRequest, _event: NextFetchEvent) => answer)
  const guard = authMiddleware({ protect }, after)

  afterEach(() => void after.mockClear())

  it.each([
    ['on a page that is open', '/', {}],
    ['for those who look signed in', '/account', { cookie: cookieOf(ORIGIN) }],
    ['for a server action', '/account', { method: 'POST' }],
  ] as const)('runs %s, and its answer stays as it is', async (_when, path, visit) => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    const request = requestOf(path, visit)
    const event = eventOf(request)
    expect(await guard(request, event)).toBe(answer)
    expect(after).toHaveBeenCalledWith(request, event)
  })

  it('does not run for a stranger at a guarded page', async () => {
    const request = requestOf('/account')
    expect(locationOf(await guard(request, eventOf(request)))).toContain('/oauth/login?')
    expect(after).not.toHaveBeenCalled()
  })

  it.each([null, undefined])('may leave the request to Next with %j', async (nothing) => {
    const request = requestOf('/')
    expect(await authMiddleware({ protect }, () => nothing)(request, eventOf(request))).toBeUndefined()
  })
})

describe('the public URL', () => {
  const locationAt = async (publicUrl: string, nextConfig: Visit['nextConfig'] = {}) => {
    vi.stubEnv('PUBLIC_URL', publicUrl)
    const url = `http://localhost:3000${nextConfig.basePath ?? ''}/account`
    return locationOf(await authMiddleware({ protect })(new NextRequest(url, { nextConfig })))
  }

  it('decides where the redirect leads, not the Host header (CK-8)', async () => {
    const path = '/oauth/login?returnTo=%2Faccount'
    expect(await locationAt('https://public.host.dev')).toBe(`https://public.host.dev${path}`)
    expect(await locationAt('https://public.host.dev/shop', { basePath: '/shop' })).toBe(
      `https://public.host.dev/shop${path}`,
    )
  })

  it.each(['', 'nonsense', 'http://127.0.0.1:4000'])('is left out of it when it is %j', async (publicUrl) => {
    expect(await locationAt(publicUrl)).toBe('http://localhost:3000/oauth/login?returnTo=%2Faccount')
  })
})

describe('next.config', () => {
  const visitOf = async (path: string, nextConfig: Visit['nextConfig'] = {}) =>
    locationOf(await authMiddleware({ protect, signInPage: '/sign-in' })(requestOf(path, { nextConfig })))

  it('basePath: patterns, sign-in page and way back go without, the redirect with it', async () => {
    const nextConfig = { basePath: '/shop' }
    expect(await visitOf('/shop/account?a=1', nextConfig)).toBe(
      `${ORIGIN}/shop/sign-in?returnTo=%2Faccount%3Fa%3D1`,
    )
    expect(await visitOf('/shop/x', nextConfig)).toBeUndefined()
  })

  it('trailingSlash: the redirect has one, so that Next does not redirect once more', async () => {
    expect(await visitOf('/account/', { trailingSlash: true })).toBe(
      `${ORIGIN}/sign-in/?returnTo=%2Faccount%2F`,
    )
  })

  it('basePath: the cookie is that of the application there, not of another on the same host', async () => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    const guard = authMiddleware({ protect })
    const visit = (publicUrl: string) =>
      guard(requestOf('/shop/account', { cookie: cookieOf(publicUrl), nextConfig: { basePath: '/shop' } }))
    expect(await visit(`${ORIGIN}/shop`)).toBeUndefined()
    expect(locationOf(await visit(ORIGIN))).toContain('/shop/oauth/login')
  })
})

it('authProxy is the same function, for proxy.ts', () => {
  expect(authProxy).toBe(authMiddleware)
})
