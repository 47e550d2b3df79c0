/**
 * A PDS with its authorization server, made of the strict parts of the tests: PKCE, DPoP proofs with nonces and single-use
 * refresh tokens are checked. A refresh token that is used twice ends the session, as at the reference server.
 */
import { type Attempts, createAttempts } from '../../../lib/testing/servers/attempts.ts'
import { createGrants, type Grant, type Grants, type Holder } from '../../../lib/testing/servers/grants.ts'
import {
  checkClient,
  checkProof,
  createNonceBook,
  Refusal,
} from '../../../lib/testing/servers/request-checks.ts'
import type { Answer, RecordedRequest } from '../../../lib/testing/servers/scripted-server.ts'
import { timeline } from './timeline.ts'

export interface Origins {
  readonly issuer: string
  readonly pds: string
}

export interface BenchHome {
  readonly grants: Grants
  answerAsServer(request: RecordedRequest): Promise<Answer>
  answerAsPds(request: RecordedRequest): Promise<Answer>
  /** The callback's query when that account approves the request at a URL. */
  approve(url: URL, did: string): string
  /** From now on both servers accept only new nonces. */
  rotateNonces(): void
  /** Makes every access token invalid before its time; refresh tokens stay. */
  endAccessTokens(): void
}

/** @param lifetimeMs life of an access token */
export function createBenchHome(lifetimeMs: number, origins: () => Origins): BenchHome {
  const now = Date.now
  const grants = createGrants({ lifetimeMs, now })
  const attempts = createAttempts(grants)
  const nonces = { server: createNonceBook({ now }), pds: createNonceBook({ now }) }
  const post = createEndpoints(grants, attempts, nonces.server)
  const call = createCalls(grants, nonces.pds)
  return {
    grants,
    async answerAsServer(request) {
      if (request.path === '/.well-known/oauth-authorization-server') return { json: metadata(origins()) }
      return withNonce(nonces.server.current(), await orRefusal(() => post(request), 400))
    },
    async answerAsPds(request) {
      const { issuer, pds } = origins()
      if (request.path === '/.well-known/oauth-protected-resource')
        return { json: { resource: pds, authorization_servers: [issuer] } }
      return withNonce(nonces.pds.current(), await orRefusal(() => call(request), 401))
    },
    approve(url, did) {
      const requestUri = url.searchParams.get('request_uri')
      const state = attempts.params(requestUri).get('state') ?? ''
      return new URLSearchParams({
        iss: origins().issuer,
        state,
        code: attempts.approve(requestUri, did),
      }).toString()
    },
    rotateNonces() {
      nonces.server.rotate()
      nonces.pds.rotate()
    },
    endAccessTokens() {
      for (const grant of grants.all) grant.accessToken = grants.createSecret('access')
    },
  }
}

type Nonces = ReturnType<typeof createNonceBook>

function createEndpoints(grants: Grants, attempts: Attempts, nonces: Nonces) {
  const [seenProofs, seenAssertions] = [new Set(), new Set()]
  return async (request: RecordedRequest): Promise<Answer> => {
    const { form, path, origin } = request
    const now = Date.now
    const jkt = await checkProof(request, { nonces, now, seenJtis: seenProofs })
    const rules = { now, jwks: undefined, issuer: origin, seenJtis: seenAssertions }
    const kid = await checkClient(form, rules)
    const holder: Holder = { jkt, kid, clientId: form.get('client_id') ?? '' }
    if (path === '/oauth/par')
      return { status: 201, json: { request_uri: attempts.push(holder, form), expires_in: 300 } }
    if (path === '/oauth/revoke') {
      grants.revoke(form.get('token') ?? '')
      return { json: {} }
    }
    if (path !== '/oauth/token') return { status: 404, json: {} }
    return form.get('grant_type') === 'refresh_token'
      ? tokens(grants.renew(holder, form.get('refresh_token') ?? ''))
      : tokens(attempts.redeem(holder, form))
  }
}

function createCalls(grants: Grants, nonces: Nonces) {
  const seenJtis = new Set()
  return async (request: RecordedRequest): Promise<Answer> => {
    const { accessToken, path, body } = request
    if (accessToken === undefined) throw new Refusal('AuthMissing', 'no DPoP token')
    const jkt = await checkProof(request, { nonces, now: Date.now, seenJtis, accessToken })
    const grant = grants.ofAccessToken(accessToken)
    if (!grant) throw new Refusal('invalid_token', 'the token is not valid')
    if (grant.holder.jkt !== jkt) throw new Refusal('invalid_dpop_proof', 'the token is bound to another key')
    if (path === '/xrpc/app.bsky.feed.getTimeline') return { json: timeline }
    return { json: { did: grant.did, path, size: body.byteLength } }
  }
}

function tokens({ accessToken, refreshToken, did, scope, expiresAt }: Grant): Answer {
  return {
    json: {
      access_token: accessToken,
      token_type: 'DPoP',
      expires_in: (expiresAt - Date.now()) / 1000,
      refresh_token: refreshToken,
      scope,
      sub: did,
    },
  }
}

function withNonce(nonce: string, answer: Answer): Answer {
  return { ...answer, headers: { 'dpop-nonce': nonce, ...answer.headers } }
}

async function orRefusal(work: () => Promise<Answer>, status: number): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const json = { error: error.error, error_description: error.message }
    const challenge = `DPoP algs="RS256 ES256", error="${error.error}", error_description="refused"`
    return { status, json, headers: status === 401 ? { 'www-authenticate': challenge } : {} }
  }
}

function metadata({ issuer, pds }: Origins) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['atproto', 'transition:generic'],
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: true,
    dpop_signing_alg_values_supported: ['ES256'],
    client_id_metadata_document_supported: true,
    protected_resources: [pds],
  }
}
