import type { NextConfig } from 'next'

const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Content-Security-Policy', value: "frame-ancestors 'none'; base-uri 'self'; object-src 'none'" },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
]

const config: NextConfig = {
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // Loopback sign-in comes back to 127.0.0.1, which `next dev` otherwise blocks.
  allowedDevOrigins: ['127.0.0.1'],
  poweredByHeader: false,
  // Without scripts, four photos of any usual size arrive in one form; the page then says which one is too large.
  experimental: { serverActions: { bodySizeLimit: '32mb' }, proxyClientMaxBodySize: '32mb' },
  // The sign-in routes and the avatar bring stricter headers of their own.
  headers: async () => [{ source: '/((?!oauth/|(?:avatar|picture)$).*)', headers: securityHeaders }],
}

export default config
