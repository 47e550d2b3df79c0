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

const config: NextConfig = {
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // In development, sign-in returns to 127.0.0.1, which `next dev` blocks by default.
  allowedDevOrigins: ['127.0.0.1'],
  poweredByHeader: false,
  experimental: { serverActions: { bodySizeLimit: formLimit }, proxyClientMaxBodySize: formLimit },
  // The sign-in routes and the picture routes set stricter headers themselves.
  headers: async () => [{ source: '/((?!oauth/|(?:avatar|picture)$).*)', headers: securityHeaders }],
  redirects: async () => [
    { source: '/compose', has: [overLimit], destination: '/compose/too-large', statusCode: 303 },
  ],
}

export default config
