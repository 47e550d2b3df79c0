/** The documents that authorization servers fetch: metadata and JWKS, as the handlers serve them. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { generatePrivateJwk } from '../../../../lib/crypto/keyset.ts'
import { StoreUnavailableError } from '../../../../lib/errors.ts'
import { createConfigLoader } from '../../../../lib/next/config/load-config.ts'
import type { AtprotoAuthOptions } from '../../../../lib/next/config/options.ts'
import { createHandlers } from '../../../../lib/next/handlers/routes.ts'
import type { Store } from '../../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../../lib/store/memory.ts'
import { recordLog } from '../../../support/record-log.ts'

const PUBLIC_URL = 'https://app.host.dev'
const METADATA = `${PUBLIC_URL}/oauth-client-metadata.json`
const JWKS = `${PUBLIC_URL}/oauth/jwks.json`
const SECRET = 'Zk4vTq9-mXc2_bRw7.LpYd8~HsJ3+fGn6'
const jwk = { ...(await generatePrivateJwk()), kid: 'key' }
const otherJwk = await generatePrivateJwk()

/** A store whose database is down, whatever is asked of it. */
const brokenStore: Store = new Proxy(createMemoryStore(), {
  get: () => () => Promise.reject(new StoreUnavailableError('The database is down.')),
})

function createApp(options: Partial<AtprotoAuthOptions> = {}) {
  const runtime = createConfigLoader({
    publicUrl: PUBLIC_URL,
    secret: SECRET,
    clientKeys: jwk,
    store: createMemoryStore(),
    ...options,
  })
  const { GET, clientMetadata } = createHandlers(runtime)
  return {
    metadata: (headers: HeadersInit = {}, url = METADATA) =>
      clientMetadata.GET(new Request(url, { headers })),
    jwks: (headers: HeadersInit = {}) => GET(new Request(JWKS, { headers })),
  }
}

/** What an authorization server, a browser or a stranger may send along. */
const visitors: readonly (readonly [string, HeadersInit])[] = [
  ['nothing', {}],
  ['the headers of a server', { accept: 'application/json', 'sec-fetch-site': 'cross-site' }],
  ['a cookie', { cookie: '__Host-atproto-session=Fe26.2*junk' }],
  ['a language', { 'accept-language': 'de', accept: 'text/html' }],
  ['a prefetch', { 'next-router-prefetch': '1', rsc: '1' }],
]

describe('the client metadata', () => {
  it.each(visitors)(
    'MD-2 X14 is JSON with status 200 and sets no cookie, asked with %s',
    async (_, headers) => {
      const response = await createApp().metadata(headers)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
      expect([response.headers.get('location'), response.headers.get('set-cookie')]).toEqual([null, null])
      expect(await response.json()).toMatchObject({ client_id: METADATA })
    },
  )

  it.each([
    ['http://internal:3000/oauth-client-metadata.json', { host: 'internal:3000' }],
    [METADATA, { host: 'evil.dev', 'x-forwarded-host': 'evil.dev', 'x-forwarded-proto': 'http' }],
    [`${METADATA}?client_id=https://evil.dev`, {}],
  ])('MD-3 names the configured address as client_id, asked as %s', async (url, headers) => {
    const document = await (await createApp().metadata(headers, url)).json()
    expect(document.client_id).toBe(METADATA)
    expect(JSON.stringify(document)).not.toMatch(/evil|internal/)
  })

  it('MD-10 lies at the path for which servers show the bare domain', async () => {
    const { client_id } = await (await createApp({ basePath: '/auth' }).metadata()).json()
    expect(new URL(client_id).pathname).toBe('/oauth-client-metadata.json')
  })

  it.each([
    ['production', 'https://app.host.dev'],
    ['preview', 'https://app-git-x.vercel.app'],
  ])('MD-3 are a client of their own in each deployment of Vercel: %s', async (kind, origin) => {
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('VERCEL', '1')
    vi.stubEnv('VERCEL_ENV', kind)
    vi.stubEnv('VERCEL_PROJECT_PRODUCTION_URL', 'app.host.dev')
    vi.stubEnv('VERCEL_BRANCH_URL', 'app-git-x.vercel.app')
    vi.stubEnv('VERCEL_URL', 'app-1a2b3c.vercel.app')
    const document = await (await createApp({ publicUrl: undefined }).metadata()).json()
    expect(document).toMatchObject({
      client_id: `${origin}/oauth-client-metadata.json`,
      redirect_uris: [`${origin}/oauth/callback`],
      jwks_uri: `${origin}/oauth/jwks.json`,
    })
  })

  it('MD-9 has a client_uri of its own origin', async () => {
    const { client_id, client_uri } = await (await createApp().metadata()).json()
    expect(new URL(client_uri).origin).toBe(new URL(client_id).origin)
    expect(client_id.startsWith(client_uri)).toBe(true)
  })

  it('MD-9 carries the basePath of Next in every address, and still is its own client_uri’s', async () => {
    const publicUrl = `${PUBLIC_URL}/shop`
    const app = createApp({ publicUrl, logoUri: '/logo.svg', tosUri: 'https://terms.host.dev/' })
    const { client_id, client_uri, ...document } = await (await app.metadata()).json()
    expect(client_id).toBe(`${publicUrl}/oauth-client-metadata.json`)
    expect(client_uri).toBe(publicUrl)
    expect(document).toMatchObject({
      redirect_uris: [`${publicUrl}/oauth/callback`],
      jwks_uri: `${publicUrl}/oauth/jwks.json`,
      logo_uri: `${publicUrl}/logo.svg`,
      tos_uri: 'https://terms.host.dev/',
    })
  })

  it.each(['logoUri', 'tosUri', 'policyUri'])(
    'MD-9 is not served with a %s that is not https',
    async (name) => {
      vi.spyOn(console, 'error').mockImplementationOnce(() => undefined)
      const response = await createApp({ [name]: 'http://app.host.dev/x' }).metadata()
      expect(response.status).toBe(500)
    },
  )

  it('MD-11 may be kept by caches for five minutes, and is there while the database is down', async () => {
    const { metadata, jwks } = createApp({ store: brokenStore })
    for (const response of [await metadata(), await jwks()]) {
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    }
  })
})

describe('the JWKS', () => {
  it.each(visitors)(
    'KS-2 X14 is JSON with status 200 and sets no cookie, asked with %s',
    async (_, headers) => {
      const response = await createApp().jwks(headers)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
      expect(response.headers.get('set-cookie')).toBeNull()
      expect(await response.json()).toEqual({ keys: [expect.objectContaining({ kid: 'key', alg: 'ES256' })] })
    },
  )

  it('KS-1 X14 holds no private member', async () => {
    const text = await (await createApp().jwks()).text()
    expect(text).not.toContain(jwk.d)
    expect(text).not.toMatch(/"d"|"k"|key_ops/)
  })
})

describe('a client key that cannot be used', () => {
  const spoilt = [
    ['cut off', JSON.stringify(jwk).slice(0, -4)],
    ['without its private part', JSON.stringify({ ...jwk, d: undefined })],
    ['with the public part of another', JSON.stringify({ ...otherJwk, x: jwk.x })],
  ] as const
  it.each(spoilt)('KS-10 is told at the first request, and not shown, when %s', async (_, clientKeys) => {
    const lines = recordLog()
    const { metadata, jwks } = createApp({ clientKeys })
    for (const response of [await metadata(), await jwks()]) {
      expect(response.status).toBe(500)
      lines.push(await response.text())
    }
    for (const { d } of [jwk, otherJwk]) expect(lines.join('\n')).not.toContain(d.slice(0, 20))
  })
})
