/** Answers of authorization servers and PDSes to requests with secrets in them: a value or a typed error that quotes none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyset, generatePrivateJwk, importKeyset } from '../../../lib/crypto/keyset.ts'
import { ConfigurationError, OAuthResponseError } from '../../../lib/errors.ts'
import { fetchClientMetadata } from '../../../lib/oauth/client-metadata/fetch.ts'
import { rateLimitResetMs, retryAfterMs } from '../../../lib/oauth/server/retry-after.ts'
import { createServerState, noncePattern } from '../../../lib/oauth/server/server-state.ts'
import { startAuthorization } from '../../../lib/oauth/sign-in/authorize.ts'
import { revokeTokens } from '../../../lib/oauth/tokens/revoke.ts'
import { createContext, ISSUER, sessionRow } from '../../support/unit/context.ts'
import { anyText, forAll, forAllSlow, like } from '../../support/unit/fuzz.ts'
import { expectPlain, hostileJson, hostileResponse, orTypedError } from '../../support/unit/hostile-json.ts'
import { openSession } from '../../support/unit/session.ts'

const ACCESS_TOKEN = 'access-token-canary'
const jwk = await generatePrivateJwk()
const refusal = {
  error: 'invalid_grant',
  error_description: `no ${ACCESS_TOKEN} here`,
  message: ACCESS_TOKEN,
}
const metadata = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  pushed_authorization_request_endpoint: `${ISSUER}/par`,
  client_id_metadata_document_supported: true,
  authorization_response_iss_parameter_supported: true,
}

/** Answers, now and then the refusal of one. */
const answersLike = (document: unknown) =>
  fc.oneof({ weight: 3, arbitrary: hostileResponse(document) }, hostileResponse(refusal))

describe('an authorization server', () => {
  it('answers a pushed request with where the browser goes, which stays at that server, or with a typed error', async () => {
    const answers = answersLike({ request_uri: 'urn:ietf:params:oauth:request_uri:req-1', expires_in: 299 })
    await forAllSlow(answers, async (answer) => {
      const context = createContext({
        async fetch(url) {
          const { pathname } = new URL(url)
          if (pathname === '/par') return answer()
          return pathname.endsWith('server') ? Response.json(metadata) : new Response(null, { status: 404 })
        },
      })
      const started = await orTypedError(startAuthorization(ISSUER, {}, context))
      if (!started) return
      expect(started.url.origin + started.url.pathname).toBe(metadata.authorization_endpoint)
      expect([...started.url.searchParams.keys()]).toEqual(['client_id', 'request_uri'])
      expect(started.url.searchParams.get('client_id')).toBe(context.metadata.client_id)
    })
  })

  it('answers a revocation in any way without an error here', async () => {
    await forAllSlow(answersLike({}), async (answer) => {
      const context = createContext({ fetch: async () => answer() })
      const { server, tokens } = sessionRow(jwk, { revocationEndpoint: `${ISSUER}/revoke` })
      const key = { dpopJwk: jwk, clientKeyId: undefined }
      expect(await revokeTokens({ server, tokens, key }, context)).toBe(answer().ok)
    })
  })

  it('gives nonces and waits that are used only if they are such', () => {
    const text = fc.oneof(like('Nonce-1'), like('120'), like('Wed, 21 Oct 2026 07:28:00 GMT'), anyText)
    forAll(fc.tuple(text, text, text), ([nonce, wait, date]) => {
      const printable = (value: string) => value.replaceAll(/[^\t\x20-\x7e]/g, '')
      const headers = new Headers({ 'dpop-nonce': printable(nonce), date: printable(date) })
      for (const name of ['retry-after', 'ratelimit-reset']) headers.set(name, printable(wait))
      const servers = createServerState()
      const response = new Response(null, { status: 429, headers })
      servers.rememberNonce(ISSUER, response, 0)
      servers.rememberClock(ISSUER, response, 0)
      servers.rememberPause(ISSUER, response, 0)
      const kept = servers.nonce(ISSUER)
      if (kept !== undefined) expect(kept).toMatch(noncePattern)
      expect(Number.isFinite(servers.clockOffsetMs(ISSUER))).toBe(true)
      expect(servers.pausedUntil(ISSUER)).toBeLessThanOrEqual(5 * 60_000)
      for (const ms of [retryAfterMs(headers, 0), rateLimitResetMs(headers, 0)])
        expect(ms === undefined || (ms > 0 && Number.isFinite(ms))).toBe(true)
    })
  })
})

describe('a PDS', () => {
  it('answers a call with data or a typed error, which quotes no token and has a kind', async () => {
    const challenges = fc.oneof(
      like('DPoP error="invalid_token", error_description="x"'),
      like('DPoP error="insufficient_scope", scope="repo:a.b.c"'),
    )
    const answers = fc.tuple(answersLike({ cid: 'a', value: { text: ACCESS_TOKEN } }), challenges)
    await forAllSlow(answers, async ([answer, challenge]) => {
      const { session } = openSession(
        () => {
          const response = answer()
          response.headers.set('www-authenticate', challenge.replaceAll(/[^\x20-\x7e]/g, ''))
          return response
        },
        {
          now: Date.now,
          row: { issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000, refreshToken: undefined },
        },
      )
      const result = await orTypedError(session.get('com.atproto.repo.getRecord'), [ACCESS_TOKEN])
      if (result) expect(result.headers).toBeInstanceOf(Headers)
    })
  })
})

describe('the document of another client', () => {
  const clientId = 'https://app.host.dev/oauth-client-metadata.json'
  const document = {
    client_id: clientId,
    client_name: 'App',
    client_uri: 'https://app.host.dev',
    redirect_uris: ['https://app.host.dev/oauth/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'atproto transition:generic',
    dpop_bound_access_tokens: true,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid: 'k1', alg: 'ES256', use: 'sig' }] },
  }

  it('is of that client, binds its tokens and holds no private key, or gives a typed error', async () => {
    await forAllSlow(hostileResponse(document), async (answer) => {
      const found = await orTypedError(fetchClientMetadata({ clientId }, async () => answer()))
      if (!found) return
      expect([found.client_id, found.dpop_bound_access_tokens]).toEqual([clientId, true])
      for (const uri of found.redirect_uris) expect(URL.canParse(uri)).toBe(true)
      expect(JSON.stringify(found)).not.toContain('"d":')
      expectPlain(found)
    })
  })

  it('of a loopback client is read from its id alone', async () => {
    const ids = like('http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback&scope=atproto')
    await forAllSlow(ids, async (id) => {
      const loopback = id.startsWith('http:') ? id : `http:${id}`
      const fetch = () => Promise.reject(new Error('Nothing is fetched.'))
      const found = await orTypedError(fetchClientMetadata({ clientId: loopback }, fetch))
      for (const uri of found?.redirect_uris ?? [])
        expect(uri).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\])([:/?]|$)/)
    })
  })
})

describe('client keys', () => {
  const jwks = { keys: [{ ...jwk, kid: 'k1', alg: 'ES256', use: 'sig' }] }

  it('are a key set or a ConfigurationError that shows no key', async () => {
    await forAllSlow(hostileJson(jwks), async (bytes) => {
      const text = new TextDecoder().decode(bytes)
      const work = importKeyset(text).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ConfigurationError)
        throw error
      })
      const keyset = await orTypedError(work, [jwk.d])
      if (keyset) expect(JSON.stringify(keyset.publicJwks)).not.toContain(jwk.d)
    })
  })

  it('as objects are as well', async () => {
    await forAllSlow(hostileJson(jwks.keys[0]), async (bytes) => {
      const parsed = await orTypedError(parse(bytes))
      if (parsed === undefined) return
      await orTypedError((async () => createKeyset(Array.isArray(parsed) ? parsed : [Object(parsed)]))(), [
        jwk.d,
      ])
    })
  })
})

/** The value of a JSON text; undefined for any other text. */
async function parse(bytes: Uint8Array): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

it('an error of a server has a name, or none', async () => {
  await forAllSlow(hostileResponse(refusal), async (answer) => {
    const context = createContext({
      fetch: async (url) =>
        new URL(url).pathname === '/par'
          ? answer()
          : Response.json(new URL(url).pathname.endsWith('server') ? metadata : {}),
    })
    try {
      await startAuthorization(ISSUER, {}, context)
    } catch (error) {
      if (error instanceof OAuthResponseError && error.error !== undefined)
        expect(error.error).toMatch(/^[A-Za-z][A-Za-z0-9._#-]{0,127}$/)
    }
  })
})
