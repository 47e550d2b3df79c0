/** Which paths the guard watches. */
import { NextRequest } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { type AuthMiddlewareOptions, authMiddleware } from '../../../lib/next/middleware.ts'

const ORIGIN = 'https://app.host.dev'

async function isGuarded(options: AuthMiddlewareOptions, path: string): Promise<boolean> {
  return (await authMiddleware(options)(new NextRequest(ORIGIN + path))) !== undefined
}

const guarded: readonly (readonly [string, string])[] = [
  ['/', '/'],
  ['/compose', '/compose'],
  ['/compose', '/compose/'],
  ['/compose/', '/compose'],
  ['/account/:path*', '/account'],
  ['/account/:path*', '/account/'],
  ['/account/:path*', '/account/a/b/c'],
  ['/:path*', '/'],
  ['/:path*', '/a/b'],
  ['/:locale/account/:path*', '/en/account'],
  ['/:locale/account/:path*', '/pt-BR/account/devices'],
  ['/user/:id', '/user/7'],
  ['/user/:id/edit', '/user/7/edit'],
  ['/konto/über-mich', '/konto/über-mich'],
  ['/konto/über-mich', '/konto/%C3%BCber-mich'],
  ['/compose', '/%63ompose'],
]

const open: readonly (readonly [string, string])[] = [
  ['/', '/a'],
  ['/compose', '/composer'],
  ['/compose', '/compose/x'],
  ['/account/:path*', '/accounts'],
  ['/account/:path*', '/x/account'],
  ['/:locale/account/:path*', '/account'],
  ['/:locale/account/:path*', '//account'],
  ['/user/:id', '/user'],
  ['/user/:id', '/user/7/edit'],
  ['/a/b', '/a%2Fb'],
  ['/compose', '/compose%'],
]

describe('a pattern', () => {
  it.each(guarded)('%s takes in %s', async (pattern, path) => {
    expect(await isGuarded({ protect: [pattern] }, path)).toBe(true)
  })

  it.each(open)('%s leaves %s alone', async (pattern, path) => {
    expect(await isGuarded({ protect: [pattern] }, path)).toBe(false)
  })

  it('may be a regular expression, which remembers nothing between requests', async () => {
    const options = { protect: [/^\/(en|de)\/account/g] }
    for (const _time of [1, 2, 3]) expect(await isGuarded(options, '/de/account')).toBe(true)
    expect(await isGuarded(options, '/fr/account')).toBe(false)
  })

  it('may be a function, which gets the path decoded, without query and slash at the end', async () => {
    const seen: string[] = []
    const options = { protect: [(path: string) => seen.push(path) > 0] }
    expect(await isGuarded(options, '/caf%C3%A9/?x=1')).toBe(true)
    expect(seen).toEqual(['/café'])
  })

  const meaningless = ['compose', '', '//evil.dev', '/:path*/x', '/a/:path*/b', ':path*', '/a/:path*/:path*x']
  it.each([...meaningless, '/a/:path+', '/a/:id?', '/(a|b)', '/a*', '/a?b', '/a/:id(\\d+)', '/a//b', '/:'])(
    'is refused at once as %j, instead of guarding nothing',
    (pattern) => {
      expect(() => authMiddleware({ protect: [pattern] })).toThrow(TypeError)
      expect(() => authMiddleware({ protect: [], except: [pattern] })).toThrow(TypeError)
    },
  )
})

describe('what stays open', () => {
  const all = { protect: ['/:path*'], signInPage: '/sign-in' }

  it.each(['/sign-in', '/sign-in/', '/oauth/login', '/oauth/callback', '/oauth-client-metadata.json'])(
    'MD-2 with everything guarded, %s still does: people could not sign in else',
    async (path) => {
      expect(await isGuarded(all, path)).toBe(false)
      expect(await isGuarded(all, '/x')).toBe(true)
    },
  )

  it('are the handlers where they are mounted', async () => {
    const options = { protect: ['/:path*'], basePath: '/auth' }
    expect(await isGuarded(options, '/auth/callback')).toBe(false)
    expect(await isGuarded(options, '/oauth/callback')).toBe(true)
  })

  it('is what `except` names', async () => {
    const options = { protect: ['/:path*'], except: ['/', '/about/:path*', /^\/pricing$/] }
    const paths = ['/', '/about/us', '/pricing', '/pricing/x', '/about-us']
    expect(await Promise.all(paths.map((path) => isGuarded(options, path)))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  })
})
