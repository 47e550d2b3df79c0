import type { NextConfig } from 'next'

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Content-Security-Policy', value: "frame-ancestors 'none'; base-uri 'self'; object-src 'none'" },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
]

/** Without scripts, four photos arrive in one form. The limit is high, so that the page can say which one is too large. */
const formLimit = '32mb'
/** A content-length above that limit: Next would cut the form off. */
const overLimit = {
  type: 'header',
  key: 'content-length',
  value: '(3[4-9]|[4-9][0-9])[0-9]{6}|[0-9]{9,}',
} as const

/** A browser in which a person has signed in. Whether the session still exists, the page asks the store. */
const sessionCookie = {
  type: 'header',
  key: 'cookie',
  value: '(?:.*; ?)?(?:__Host-)?atproto-session[^=;]*=[^;]+.*',
} as const
/** Asks for a page that shows everything without JavaScript. */
const withoutScripts = { type: 'query', key: 'scripts', value: 'off' } as const

/**
 * One address, several static shells: a shell is the same for everyone, so that which one fits is decided before it is
 * sent. Pages below /whole have none; they are sent when everything is known.
 */
const shells = [
  { source: '/', has: [sessionCookie, withoutScripts], destination: '/whole/home' },
  { source: '/', has: [sessionCookie], destination: '/home' },
  { source: '/:page(compose|timeline|devices)', has: [withoutScripts], destination: '/whole/:page' },
  // Errors of a sign-in are in the query of the page, and are shown without JavaScript, too.
  ...['error', 'identifier', 'returnTo', 'scope'].map((key) => ({
    source: '/sign-in',
    has: [{ type: 'query', key } as const],
    destination: '/whole/sign-in',
  })),
]

const config: NextConfig = {
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // As in every new application.
  cacheComponents: true,
  partialPrefetching: true,
  // In development, sign-in returns to 127.0.0.1, which `next dev` blocks by default.
  allowedDevOrigins: ['127.0.0.1'],
  poweredByHeader: false,
  experimental: { serverActions: { bodySizeLimit: formLimit }, proxyClientMaxBodySize: formLimit },
  // The sign-in routes and the picture routes set stricter headers themselves.
  headers: async () => [
    { source: '/((?!oauth/|(?:avatar|picture)$).*)', headers: securityHeaders },
    // A shared cache may keep the static shell of a page, but this address has two.
    { source: '/', headers: [{ key: 'Cache-Control', value: 'private, no-cache, no-store, max-age=0' }] },
  ],
  redirects: async () => [
    { source: '/compose', has: [overLimit], destination: '/compose/too-large', statusCode: 303 },
  ],
  // Before the files, because the addresses are those of pages.
  rewrites: async () => ({ beforeFiles: shells }),
}

export default config
