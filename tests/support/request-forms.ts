/** The many ways to ask for a page, some of which once led past a middleware. */
import type { RawRequest } from './raw-sender.ts'

/** Spellings of the path and the query. */
function pathsOf(page: string): readonly string[] {
  const [first, last] = [page.charCodeAt(0).toString(16), page.charCodeAt(page.length - 1).toString(16)]
  return [
    ...['', '/', '//', '%2f', '%00', '%20', ';x', '%3f', `/..;/${page}`].map((end) => `/${page}${end}`),
    ...['//', '/./', '/x/../', '/%2e/', '/%2f', '/%5c', '/en/', '/en/en/'].map((start) => start + page),
    ...[`/%${first}${page.slice(1)}`, `/${page.slice(0, -1)}%${last}`],
    ...[`/${page.toUpperCase()}`, `/${page.charAt(0).toUpperCase()}${page.slice(1)}`],
    // CVE-2026-44575, CVE-2026-45109 and their kin: payloads of the router under names of their own.
    ...['rsc', 'prefetch.rsc', 'json', 'txt', 'html', 'meta'].map((kind) => `/${page}.${kind}`),
    ...['_tree', '_index', '_full', `${page}/__PAGE__`].map(
      (segment) => `/${page}.segments/${segment}.segment.rsc`,
    ),
    `/index.segments/${page}.segment.rsc`,
    ...['', 'en/'].map((language) => `/_next/data/x/${language}${page}.json`),
    `/_next/data/x/${page}.rsc`,
    // CVE-2026-44574, CVE-2026-44573 and CVE-2026-64642: internal parameters and languages from outside.
    ...[
      '_rsc=1',
      '__nextDataReq=1',
      '__nextLocale=en&__nextDefaultLocale=de',
      'nxtPpath=x',
      '__nextppronly=1',
    ].map((query) => `/${page}?${query}`),
    `/?nxtPpath=${page}`,
    `http://evil.dev/${page}`,
  ]
}

type Sent = readonly [path: string, headers: Readonly<Record<string, string>>]

/** Headers of Next's own, as a stranger may send them. */
function headersOf(page: string): readonly Sent[] {
  const path = `/${page}`
  const prefetch = { rsc: '1', 'next-router-prefetch': '1' }
  return [
    // CVE-2025-29927: "this request has been through the middleware".
    [path, { 'x-middleware-subrequest': 'middleware' }],
    [path, { 'x-middleware-subrequest': Array(5).fill('middleware').join(':') }],
    [path, { 'x-middleware-subrequest': Array(5).fill('src/middleware').join(':') }],
    [path, { 'x-middleware-subrequest-id': '1', 'x-middleware-next': '1' }],
    [path, { rsc: '1' }],
    [path, prefetch],
    [path, { rsc: '1', 'next-router-prefetch': '2' }],
    [path, { ...prefetch, 'next-router-segment-prefetch': '/_tree' }],
    [path, { ...prefetch, 'next-router-segment-prefetch': `${path}/__PAGE__` }],
    [path, { rsc: '1', 'next-url': path }],
    [path, { 'x-nextjs-data': '1' }],
    [path, { 'next-resume': '1' }],
    [path, { purpose: 'prefetch', 'x-middleware-prefetch': '1' }],
    [path, { 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'https' }],
    [path, { 'x-http-method-override': 'POST', 'x-method-override': 'OPTIONS' }],
    ['/', { 'x-middleware-rewrite': path }],
    ['/', { 'x-invoke-path': path, 'x-invoke-status': '200' }],
    ['/', { 'x-matched-path': path, 'x-now-route-matches': `1=${page}` }],
    ['/', { 'x-original-url': path, 'x-rewrite-url': path }],
  ]
}

/**
 * Every form of a request that reads a guarded page.
 *
 * @param page its path without the first slash, such as `compose`
 */
export function readingForms(page: string): readonly RawRequest[] {
  return [
    ...pathsOf(page).map((path) => ({ path })),
    ...headersOf(page).map(([path, headers]) => ({ path, headers })),
    { method: 'HEAD', path: `/${page}` },
  ]
}

/** Every form of a request for it: the guard lets those pass that are no reading ones, and the page has to refuse them. */
export function requestForms(page: string): readonly RawRequest[] {
  return [
    ...readingForms(page),
    ...['OPTIONS', 'POST', 'PUT'].map((method) => ({ method, path: `/${page}` })),
  ]
}

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
