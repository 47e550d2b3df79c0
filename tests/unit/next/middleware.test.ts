import { NextRequest } from 'next/server.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { authMiddleware } from '../../../lib/next/middleware.ts'
import { sealFlowCookie } from '../../../lib/web/flow-cookie.ts'
import { sealSessionCookie } from '../../../lib/web/session-cookie.ts'
import { labelled } from '../../support/unit/labelled.ts'
import { ALICE } from '../../support/unit/names.ts'

const ORIGIN = 'https://app.host.dev'
const SECRET = 'a secret without a comma 0123456789'
const session = { did: ALICE, sessionIds: ['id'] } as const
const guard = authMiddleware({ protect: ['/compose', '/account/:path*'], signInPage: '/sign-in' })
const sealed = await sealSessionCookie(session, [SECRET], 3_600)
const foreign = await sealSessionCookie(session, ['another secret altogether'], 3_600)

interface Visit {
  readonly path?: string
  readonly cookie?: string
  readonly method?: string
}

function visit({ path = '/compose', cookie, method = 'GET' }: Visit) {
  const headers = new Headers({ host: '127.0.0.1:3000', ...(cookie !== undefined && { cookie }) })
  return guard(new NextRequest(ORIGIN + path, { method, headers }))
}

const locationOf = async (request: Visit) => (await visit(request))?.headers.get('location')

afterEach(() => void vi.unstubAllEnvs())

describe('authMiddleware', () => {
  it('sends a stranger to the sign-in page with the way back', async () => {
    expect(await locationOf({ path: '/compose?draft=1' })).toBe(
      `${ORIGIN}/sign-in?returnTo=%2Fcompose%3Fdraft%3D1`,
    )
  })

  it('keeps what the router of Next.js adds to its requests out of the way back', async () => {
    expect(await locationOf({ path: '/compose?_rsc=1x2y3' })).toBe(`${ORIGIN}/sign-in?returnTo=%2Fcompose`)
  })

  it('sends a script elsewhere than a navigation: Next.js lets browsers keep its own redirect there', async () => {
    const target = async (dest: string) => {
      const headers = { 'sec-fetch-dest': dest }
      const response = await guard(new NextRequest(`${ORIGIN}/compose`, { headers }))
      return response?.headers.get('location')
    }
    expect(await target('document')).toBe(`${ORIGIN}/sign-in?returnTo=%2Fcompose`)
    expect(await target('empty')).toBe(`${ORIGIN}/sign-in?returnTo=%2Fcompose&_rsc=1`)
  })

  it('redirects for now, and no cache keeps it', async () => {
    const response = await visit({})
    expect([response?.status, response?.headers.get('cache-control')]).toEqual([307, 'private, no-store'])
  })

  it('X2: sets no cookie and no header for Next', async () => {
    const names = [...((await visit({}))?.headers.keys() ?? [])]
    expect(names.sort()).toEqual(['cache-control', 'location'])
  })

  it('goes to the handlers’ own page by default', async () => {
    const plain = authMiddleware({ protect: ['/compose'] })
    const response = await plain(new NextRequest(`${ORIGIN}/compose`))
    expect(new URL(response?.headers.get('location') ?? '').pathname).toBe('/oauth/login')
  })

  it.each(['/account', '/account/devices', '/account/a/b/c', '/compose'])('guards %s', async (path) => {
    expect(await locationOf({ path })).toContain('/sign-in?')
  })

  it.each(['/', '/composer', '/compose/x', '/accounts', '/accountx/y', '/sign-in', '/x/compose'])(
    'leaves %s alone',
    async (path) => {
      expect(await visit({ path })).toBeUndefined()
    },
  )

  it('guards HEAD as it guards GET', async () => {
    expect(await locationOf({ method: 'HEAD' })).toContain('/sign-in?')
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'lets %s pass: the action answers for itself',
    async (method) => {
      expect(await visit({ method })).toBeUndefined()
    },
  )

  it.each(['//evil.dev', '/\\evil.dev'])(
    'keeps to this site for the path %s (open redirect)',
    async (path) => {
      const response = await authMiddleware({ protect: [/evil/] })(new NextRequest(ORIGIN + path))
      const { origin, pathname } = new URL(response?.headers.get('location') ?? '')
      expect([origin, pathname]).toEqual([ORIGIN, '/oauth/login'])
    },
  )
})

describe('authMiddleware on a loopback address', () => {
  /** As Next 15 makes the URL of a request, and what it does to `Location` (its server/web/next-url.js and adapter.js). */
  async function redirectOfNext15(
    path: string,
    { at = 'http://127.0.0.1:3000', host = '127.0.0.1:3000' } = {},
  ) {
    const response = await guard(new NextRequest(at + path, { headers: { host } }))
    const location = response?.headers.get('location') ?? ''
    const rewritten = location.replace(/127(\.\d+){3}|\[::1\]|localhost/, 'localhost')
    const url = new URL(rewritten)
    return url.host === new URL(at).host.replace(/127(\.\d+){3}|\[::1\]/, 'localhost')
      ? rewritten
      : new URL(location).href
  }

  it('sends a stranger to the public URL, not to localhost, where the form would be sent twice', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    expect(await redirectOfNext15('/compose')).toBe('http://127.0.0.1:3000/sign-in?returnTo=%2Fcompose')
    vi.stubEnv('PUBLIC_URL', 'http://[::1]:3000')
    expect(await redirectOfNext15('/compose', { host: '[::1]:3000' })).toBe(
      'http://[::1]:3000/sign-in?returnTo=%2Fcompose',
    )
  })

  it('knows the public URL of next dev, with its port', async () => {
    vi.stubEnv('NODE_ENV', 'development')
    vi.stubEnv('PORT', '3210')
    const at = 'http://127.0.0.1:3210'
    expect(await redirectOfNext15('/compose', { at })).toBe(
      'http://127.0.0.1:3210/sign-in?returnTo=%2Fcompose',
    )
  })

  it('does not go by the Host header', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    expect(await redirectOfNext15('/compose', { host: 'evil.dev' })).toBe(
      'http://127.0.0.1:3000/sign-in?returnTo=%2Fcompose',
    )
  })

  it('leaves an address alone of which it does not know that it is the public one', async () => {
    for (const url of ['', 'nonsense', 'http://127.0.0.1:4000', 'http://10.0.0.1:3000', 'http://evil.dev']) {
      vi.stubEnv('PUBLIC_URL', url)
      expect(await redirectOfNext15('/compose')).toBe('http://localhost:3000/sign-in?returnTo=%2Fcompose')
    }
  })

  it('leaves another site alone, where `onSignedOut` may send visitors', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    const elsewhere = authMiddleware({
      protect: ['/compose'],
      onSignedOut(_request, signIn) {
        signIn.hostname = 'accounts.host.dev'
        return undefined
      },
    })
    const response = await elsewhere(new NextRequest('http://127.0.0.1:3000/compose'))
    expect(response?.headers.get('location')).toContain('http://accounts.host.dev:3000/')
  })
})

describe('authMiddleware at another loopback name than that of the public URL', () => {
  const at = async (
    host: string,
    headers: Readonly<Record<string, string>> = {},
    path = '/compose?draft=1',
  ) => {
    // Next writes `localhost` for each of them.
    const request = new NextRequest(`http://localhost:3000${path}`, { headers: { host, ...headers } })
    const response = await guard(request)
    const { origin, pathname, searchParams } = new URL(response?.headers.get('location') ?? '')
    return { origin, pathname, query: Object.fromEntries(searchParams) }
  }
  const moving = {
    pathname: '/oauth/login',
    query: { changeHost: '1', returnTo: '/compose?draft=1' },
  }
  const staying = { pathname: '/sign-in', query: { returnTo: '/compose?draft=1' } }

  it.each([
    ['http://127.0.0.1:3000', 'localhost:3000'],
    ['http://127.0.0.1:3000', '[::1]:3000'],
    ['http://[::1]:3000', 'localhost:3000'],
    ['http://[::1]:3000', '127.0.0.1:3000'],
  ])('LB-4 at %s moves a visitor at %s there, with the path', async (publicUrl, host) => {
    vi.stubEnv('PUBLIC_URL', publicUrl)
    expect(await at(host)).toEqual({ ...moving, origin: publicUrl })
  })

  it('LB-4 moves a visitor of next dev, at its port', async () => {
    vi.stubEnv('PUBLIC_URL', '')
    vi.stubEnv('NODE_ENV', 'development')
    vi.stubEnv('PORT', '3210')
    expect(await at('localhost:3210')).toMatchObject(moving)
    expect(await at('localhost:3000')).toMatchObject(staying)
  })

  it('moves the router of Next.js too, to an address of its own', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    const { query } = await at('localhost:3000', { 'sec-fetch-dest': 'empty' })
    expect(query).toEqual({ ...moving.query, _rsc: '1' })
  })

  it.each([
    '127.0.0.1:3000',
    'localhost:4000',
    'localhost',
    'localhost.:3000',
    'localhost:3000.evil.dev',
    'localhost:3000@evil.dev',
    'evil.dev',
    'evil.dev:3000',
    '[::2]:3000',
    '127.0.0.2:3000',
  ])('CK-8 does not move a visitor whose Host is %s', async (host) => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    expect(await at(host)).toMatchObject(staying)
  })

  it.each(['https://app.host.dev', 'https://localhost:3000', 'http://evil.dev:3000', 'nonsense', ''])(
    'CK-8 moves no visitor when the public URL is %j',
    async (publicUrl) => {
      vi.stubEnv('PUBLIC_URL', publicUrl)
      expect(await at('localhost:3000')).toMatchObject(staying)
    },
  )

  it.each(['//evil.dev', '/\\evil.dev'])(
    'keeps to this site for the path %s (open redirect)',
    async (path) => {
      vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
      const open = authMiddleware({ protect: [/evil/] })
      const headers = { host: 'localhost:3000' }
      const response = await open(new NextRequest(`http://localhost:3000${path}`, { headers }))
      const { origin, pathname } = new URL(response?.headers.get('location') ?? '')
      expect([origin, pathname]).toEqual(['http://127.0.0.1:3000', '/oauth/login'])
    },
  )

  it('lets a form and a visitor with a cookie pass', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    const host = 'localhost:3000'
    const form = new NextRequest('http://localhost:3000/compose', { method: 'POST', headers: { host } })
    expect(await guard(form)).toBeUndefined()
    const headers = { host, cookie: `atproto-session-3000=${sealed}` }
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    expect(await guard(new NextRequest('http://localhost:3000/compose', { headers }))).toBeUndefined()
  })

  it('asks `onSignedOut` about a script, and moves a page before that', async () => {
    vi.stubEnv('PUBLIC_URL', 'http://127.0.0.1:3000')
    const refusing = authMiddleware({
      protect: ['/compose'],
      onSignedOut: () => new Response(null, { status: 401 }),
    })
    const statusFor = async (dest: string) => {
      const headers = { host: 'localhost:3000', 'sec-fetch-dest': dest }
      return (await refusing(new NextRequest('http://localhost:3000/compose', { headers })))?.status
    }
    expect([await statusFor('document'), await statusFor('empty')]).toEqual([307, 401])
  })
})

describe('authMiddleware with a secret', () => {
  it.each(['atproto-session-3000', '__Host-atproto-session'])('lets the cookie %s pass', async (name) => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    expect(await visit({ cookie: `${name}=${sealed}` })).toBeUndefined()
  })

  const others: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['sealed with another secret', () => foreign],
    ['made for a sign-in under way', () => sealFlowCookie('state', [SECRET])],
    ['that only looks like a seal', () => `Fe26.2*1*${'a'.repeat(64)}*b*c**d*e~2`],
  ]
  it.each(others)('turns away a cookie %s', async (_what, make) => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    expect(await locationOf({ cookie: `atproto-session-3000=${await make()}` })).toContain('/sign-in?')
  })

  it('C6 turns away a cookie that it let pass before, once its secret is removed', async () => {
    const cookie = `atproto-session-3000=${sealed}`
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    expect(await visit({ cookie })).toBeUndefined()
    expect(await visit({ cookie })).toBeUndefined()
    vi.stubEnv('ATPROTO_SECRET', 'a secret that came in its place 0123')
    expect(await locationOf({ cookie })).toContain('/sign-in?')
  })

  it('lets a cookie of an older secret pass', async () => {
    vi.stubEnv('ATPROTO_SECRET', `a newer secret,${SECRET}`)
    expect(await visit({ cookie: `atproto-session-3000=${sealed}` })).toBeUndefined()
  })

  it('turns away two cookies of one name (cookie tossing)', async () => {
    vi.stubEnv('ATPROTO_SECRET', SECRET)
    const cookie = `atproto-session-3000=${sealed}; atproto-session-3000=${foreign}`
    expect(await locationOf({ cookie })).toContain('/sign-in?')
  })
})

describe('authMiddleware without a secret', () => {
  it.each([
    ['a cookie of ours', sealed],
    ['a cookie of the right form, which the page then refuses', foreign],
  ])('lets %s pass', async (_what, cookie) => {
    vi.stubEnv('ATPROTO_SECRET', '')
    expect(await visit({ cookie: `atproto-session-3000=${cookie}` })).toBeUndefined()
  })

  const junk = [
    '',
    'x',
    'null',
    'Fe26.2',
    'Fe26.1*x',
    '%00',
    '=;=;',
    'a'.repeat(60_000),
    '"',
    'ÿþ',
    'Fe26.2*'.repeat(400),
  ]
  it.each(labelled(junk))('X12: turns junk away and does not throw: %s', async (_label, cookie) => {
    for (const secret of ['', 'a secret']) {
      vi.stubEnv('ATPROTO_SECRET', secret)
      expect(await locationOf({ cookie: `atproto-session-3000=${cookie}` })).toContain('/sign-in?')
    }
  })
})
