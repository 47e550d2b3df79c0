/** A strict authorization server of the AT Protocol profile: metadata, PAR, token and revocation. */
import type { JSONWebKeySet } from 'jose'
import { createAttempts } from './attempts.ts'
import type { Grant, Grants, Holder } from './grants.ts'
import { checkClient, checkProof, createNonceBook, type NonceBook, Refusal } from './request-checks.ts'
import {
  type Answer,
  type RecordedRequest,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'

export interface AuthorizationServerOptions {
  readonly log: RecordedRequest[]
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly jwks: JSONWebKeySet | undefined
  readonly grants: Grants
  /** Origin of the PDS it stands for. */
  readonly pds: () => string
  refuseOr(work: () => Promise<Answer>): Promise<Answer>
}

export interface AuthorizationServer extends ScriptedServer {
  readonly grants: Grants
  readonly nonces: NonceBook
  /** What a browser comes back with when that account approves. */
  approve(url: URL, did: string): URL
  /** What a browser comes back with after an error. */
  fail(url: URL, error: string): URL
}

export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { log, now, grants, refuseOr, pds } = options
  const nonces = createNonceBook()
  const attempts = createAttempts(grants)
  const holderOf = createHolderCheck(options, nonces)

  async function post(request: RecordedRequest): Promise<Answer> {
    const { form, path } = request
    const holder = await holderOf(request)
    if (path === '/oauth/par')
      return { status: 201, json: { request_uri: attempts.push(holder, form), expires_in: 300 } }
    if (path === '/oauth/revoke') {
      grants.revoke(form.get('token') ?? '')
      return { json: {} }
    }
    if (form.get('grant_type') === 'authorization_code') return tokens(attempts.redeem(holder, form), now())
    if (form.get('grant_type') === 'refresh_token')
      return tokens(grants.renew(holder, form.get('refresh_token') ?? ''), now())
    throw new Refusal('unsupported_grant_type', 'no such grant')
  }

  // A refresh without a nonce only asks for one: scripts are for the request that follows.
  const isScripted = ({ form, proof }: RecordedRequest) =>
    form.get('grant_type') !== 'refresh_token' || proof?.claims.nonce !== undefined
  const server = await startScriptedServer({ log, now, isScripted }, async (request) => {
    const { method, path, origin } = request
    if (path === '/.well-known/oauth-authorization-server') return { json: metadata(origin, pds()) }
    if (method !== 'POST' || !/^\/oauth\/(par|token|revoke)$/.test(path)) return { status: 404, body: '' }
    return { ...(await refuseOr(() => post(request))), headers: { 'dpop-nonce': nonces.current() } }
  })
  const goBack = (url: URL, result: Readonly<Record<string, string>>) => {
    const params = attempts.params(url.searchParams.get('request_uri'))
    const callback = new URL(params.get('redirect_uri') ?? '')
    const answer = { iss: server.origin, state: params.get('state') ?? '', ...result }
    for (const [name, value] of Object.entries(answer)) callback.searchParams.set(name, value)
    return callback
  }
  return {
    ...server,
    grants,
    nonces,
    approve: (url, did) => goBack(url, { code: attempts.approve(url.searchParams.get('request_uri'), did) }),
    fail: (url, error) => goBack(url, { error }),
  }
}

/** Who sends a request. As at the reference server, the nonce is judged first and its error burns nothing. */
function createHolderCheck({ now, jwks }: AuthorizationServerOptions, nonces: NonceBook) {
  const [seenProofs, seenAssertions] = [new Set(), new Set()]
  return async (request: RecordedRequest): Promise<Holder> => {
    const { form, origin } = request
    const jkt = await checkProof(request, { nonces, now, seenJtis: seenProofs })
    const kid = await checkClient(form, { now, jwks, issuer: origin, seenJtis: seenAssertions })
    return { jkt, kid, clientId: form.get('client_id') ?? '' }
  }
}

function tokens(grant: Grant, now: number): Answer {
  const { accessToken, refreshToken, did, scope, expiresAt } = grant
  return {
    json: {
      access_token: accessToken,
      token_type: 'DPoP',
      expires_in: (expiresAt - now) / 1000,
      refresh_token: refreshToken,
      scope,
      sub: did,
    },
  }
}

function metadata(issuer: string, pds: string) {
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
