/** The many ways to ask for a page, some of which once led past a middleware. */
import type { RawRequest } from '../raw-sender.ts'

const page = '/compose'

/** Spellings of the path and the query. */
const paths: readonly string[] = [
  ...['/compose', '/compose/', '//compose', '/compose//', '/./compose', '/x/../compose', '/%2e/compose'],
  ...['/%63ompose', '/compos%65', '/compose%2f', '/%2fcompose', '/%5ccompose', '/compose%00', '/compose%20'],
  ...[
    '/COMPOSE',
    '/Compose',
    '/compose;x',
    '/compose/..;/compose',
    '/compose%3f',
    '/en/compose',
    '/en/en/compose',
  ],
  // CVE-2026-44575 and its kin: payloads of the router under names of their own.
  ...['/compose.rsc', '/compose.json', '/compose.txt', '/compose.segments/_tree.segment.rsc'],
  ...['/compose.segments/compose/__PAGE__.segment.rsc', '/index.segments/compose.segment.rsc'],
  ...['/_next/data/x/compose.json', '/_next/data/x/en/compose.json', '/_next/data/x/compose.rsc'],
  // CVE-2026-44574 and -44573: internal parameters and languages from outside.
  ...['/compose?_rsc=1', '/compose?__nextDataReq=1', '/compose?__nextLocale=en&__nextDefaultLocale=de'],
  ...['/compose?nxtPpath=x', '/?nxtPpath=compose', '/compose?__nextppronly=1', 'http://evil.dev/compose'],
]

/** Headers of Next's own, as a stranger may send them. */
const headers: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
  // CVE-2025-29927: "this request has been through the middleware".
  [page, { 'x-middleware-subrequest': 'middleware' }],
  [page, { 'x-middleware-subrequest': Array(5).fill('middleware').join(':') }],
  [page, { 'x-middleware-subrequest': Array(5).fill('src/middleware').join(':') }],
  [page, { 'x-middleware-subrequest-id': '1', 'x-middleware-next': '1' }],
  [page, { rsc: '1' }],
  [page, { rsc: '1', 'next-router-prefetch': '1' }],
  [page, { rsc: '1', 'next-router-prefetch': '2' }],
  [page, { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' }],
  [page, { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/compose/__PAGE__' }],
  [page, { rsc: '1', 'next-url': page }],
  [page, { 'x-nextjs-data': '1' }],
  [page, { purpose: 'prefetch', 'x-middleware-prefetch': '1' }],
  [page, { 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'https' }],
  [page, { 'x-http-method-override': 'POST', 'x-method-override': 'OPTIONS' }],
  ['/', { 'x-middleware-rewrite': page }],
  ['/', { 'x-invoke-path': page, 'x-invoke-status': '200' }],
  ['/', { 'x-matched-path': page, 'x-now-route-matches': '1=compose' }],
  ['/', { 'x-original-url': page, 'x-rewrite-url': page }],
]

/** Every form of a request for the guarded page. */
export const requestForms: readonly RawRequest[] = [
  ...paths.map((path) => ({ path })),
  ...headers.map(([path, sent]) => ({ path, headers: sent })),
  ...['HEAD', 'OPTIONS', 'POST', 'PUT'].map((method) => ({ method, path: page })),
]

/** Headers by which other systems say who somebody is, or by which Next speaks to itself; all name `did`. */
export function identityHeaders(did: string): readonly (readonly [name: string, value: string])[] {
  const names = [
    ...[
      'x-user',
      'x-user-id',
      'x-username',
      'x-did',
      'x-atproto-did',
      'x-auth-user',
      'x-auth-did',
      'x-authenticated',
    ],
    ...[
      'x-session',
      'x-session-id',
      'x-workos-session',
      'x-clerk-user-id',
      'x-clerk-auth-status',
      'x-auth-token',
    ],
    ...[
      'x-forwarded-user',
      'x-forwarded-email',
      'x-remote-user',
      'x-ms-client-principal',
      'x-amzn-oidc-identity',
    ],
    ...['x-goog-authenticated-user-id', 'x-vercel-oidc-token', 'x-atproto-session', 'x-next-atproto-auth'],
  ]
  return [
    ...names.map((name) => [name, did] as const),
    ['x-middleware-set-cookie', `atproto-session=${did}; Path=/`],
    ['x-middleware-request-cookie', `did=${did}`],
    ['x-middleware-request-x-did', did],
    ['x-middleware-override-headers', 'cookie,x-did'],
    ['x-nextjs-rewritten-query', `did=${did}`],
    ['x-authorization', `Bearer ${did}`],
    ['x-cookie', `did=${did}`],
  ]
}
