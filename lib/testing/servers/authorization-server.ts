/** A strict authorization server of the AT Protocol profile: metadata, PAR, token and revocation. */
import type { JSONWebKeySet } from 'jose'
import { type Attempts, createAttempts } from './attempts.ts'
import type { Grant, Grants, Holder } from './grants.ts'
import { checkClient, checkProof, createNonceBook, type NonceBook, Refusal } from './request-checks.ts'
import {
  type Answer,
  type RecordedRequest,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'
import type { ServerTraits } from './server-traits.ts'

export interface AuthorizationServerOptions {
  readonly log: RecordedRequest[]
  /** Default a free one. */
  readonly port?: number | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly jwks: JSONWebKeySet | undefined
  readonly grants: Grants
  readonly traits: ServerTraits
  /** Origin of the PDS it stands for. */
  readonly pds: () => string
  /** What is answered at other paths of the same origin. */
  readonly besides: (request: RecordedRequest) => Answer | Promise<Answer>
  refuseOr(work: () => Promise<Answer>): Promise<Answer>
}

export interface AuthorizationServer extends ScriptedServer {
  readonly grants: Grants
  readonly nonces: NonceBook
  /** The parameters that were pushed for the address at which a browser came. */
  pushed(url: URL): URLSearchParams
  /** What a browser comes back with when that account approves. */
  approve(url: URL, did: string): URL
  /** What a browser comes back with after an error. */
  fail(url: URL, error: string): URL
  /** Where a browser is sent when the person declines. */
  decline(url: URL): URL
}

export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { log, port, now, grants, refuseOr, pds, traits, besides } = options
  const nonces = createNonceBook(options)
  const attempts = createAttempts(grants, traits.grantedScope)
  const post = createEndpoints({ ...options, nonces, attempts })

  // A refresh without a nonce only asks for one: scripts are for the request that follows.
  const isScripted = ({ form, proof }: RecordedRequest) =>
    form.get('grant_type') !== 'refresh_token' || proof?.claims.nonce !== undefined
  const server = await startScriptedServer({ log, port, now, isScripted }, async (request) => {
    const { method, path, origin } = request
    if (path === '/.well-known/oauth-authorization-server')
      return { json: { ...metadata(origin, pds()), ...traits.metadata } }
    if (method !== 'POST' || !/^\/oauth\/(par|token|revoke)$/.test(path)) return besides(request)
    const answer = await refuseOr(() => post(request))
    return asksForNonce(traits, path) ? { ...answer, headers: { 'dpop-nonce': nonces.current() } } : answer
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
    pushed: (url) => attempts.params(url.searchParams.get('request_uri')),
    approve: (url, did) => goBack(url, { code: attempts.approve(url.searchParams.get('request_uri'), did) }),
    fail: (url, error) => goBack(url, { error }),
    decline: (url) =>
      traits.declinedLeadsTo === 'client_uri'
        ? new URL('/', url.searchParams.get('client_id') ?? '')
        : goBack(url, { error: 'access_denied' }),
  }
}

interface Endpoints extends AuthorizationServerOptions {
  readonly nonces: NonceBook
  readonly attempts: Attempts
}

/** What PAR, token and revocation endpoint answer. */
function createEndpoints({ attempts, ...options }: Endpoints) {
  const { now, grants, traits } = options
  const holderOf = createHolderCheck(options)

  function refresh(holder: Holder, refreshToken: string): Answer {
    try {
      return tokens(grants.renew(holder, refreshToken), now())
    } catch (error) {
      const isUnknown = error instanceof Refusal && error.error === 'invalid_grant'
      if (isUnknown && traits.refusedRefreshToken) return traits.refusedRefreshToken
      throw error
    }
  }

  return async (request: RecordedRequest): Promise<Answer> => {
    const { form, path } = request
    const early = answerBeforeNonce(request, options)
    if (early) return early
    const holder = await holderOf(request).catch((error: unknown) => {
      if (traits.spendsCodeFirst) attempts.spend(form.get('code') ?? '')
      throw error
    })
    if (path === '/oauth/par') {
      const refused = traits.refusePushed?.(request)
      return refused ?? { status: 201, json: { request_uri: attempts.push(holder, form), expires_in: 300 } }
    }
    if (path === '/oauth/revoke') {
      grants.revoke(form.get('token') ?? '')
      return { json: {} }
    }
    if (form.get('grant_type') === 'authorization_code') return tokens(attempts.redeem(holder, form), now())
    if (form.get('grant_type') === 'refresh_token') return refresh(holder, form.get('refresh_token') ?? '')
    throw new Refusal('unsupported_grant_type', 'no such grant')
  }
}

/** The refusal of servers that look at the date of a proof before its nonce. */
export function answerBeforeNonce(
  { proof }: RecordedRequest,
  { traits: { futureProof }, now }: { readonly traits: ServerTraits; readonly now: () => number },
): Answer | undefined {
  const aheadMs = (proof?.claims.iat ?? 0) * 1000 - now()
  return futureProof && aheadMs > futureProof.toleranceMs ? futureProof.answer : undefined
}

/** Whether proofs at that path need a nonce, and answers bring one. */
export function asksForNonce({ nonces = 'always' }: ServerTraits, path: string): boolean {
  return nonces === 'always' || (nonces === 'not at PAR' && path !== '/oauth/par')
}

/** For proofs that need no nonce. */
export const anyNonce: Pick<NonceBook, 'accepts'> = { accepts: () => true }

/** Who sends a request. As at the reference server, the nonce is judged first and its error burns nothing. */
function createHolderCheck({ now, jwks, traits, nonces }: Omit<Endpoints, 'attempts'>) {
  const [seenProofs, seenAssertions] = [new Set(), new Set()]
  return async (request: RecordedRequest): Promise<Holder> => {
    const { form, origin, path } = request
    const accepted = asksForNonce(traits, path) ? nonces : anyNonce
    const jkt = await checkProof(request, { nonces: accepted, now, seenJtis: seenProofs })
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
