/** A PDS with its authorization server, on two origins, both strict until a test scripts them otherwise. */
import type { JSONWebKeySet } from 'jose'
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts'
import { createGrants, type Grants } from './grants.ts'
import { checkProof, createNonceBook, type NonceBook, Refusal } from './request-checks.ts'
import {
  type Answer,
  type RecordedRequest,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'

export interface HomeOptions {
  readonly log: RecordedRequest[]
  /** What a client did against the rules is added here. */
  readonly violations: string[]
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Life of an access token. */
  readonly lifetimeMs: number
  /** The keys of a confidential client. */
  readonly jwks: JSONWebKeySet | undefined
}

export interface Pds extends ScriptedServer {
  readonly nonces: NonceBook
}

export interface Home {
  readonly as: AuthorizationServer
  readonly pds: Pds
}

/** Errors that a client without fault meets: a new nonce, an ended grant, a token that was renewed meanwhile. */
const faultless: ReadonlySet<string> = new Set(['use_dpop_nonce', 'invalid_grant', 'invalid_token'])

/** Starts both servers. The PDS answers every call with what it got. */
export async function startHome(options: HomeOptions): Promise<Home> {
  const grants = createGrants(options)
  const refuseOr = (work: () => Promise<Answer>) => answerOrRefusal(work, options.violations)
  const as = await startAuthorizationServer({ ...options, grants, refuseOr, pds: () => pds.origin })
  const pds: Pds = await startPds(options, grants, { refuseOr, issuer: as.origin })
  return { as, pds }
}

async function startPds(
  { log, now }: HomeOptions,
  grants: Grants,
  { refuseOr, issuer }: { refuseOr(work: () => Promise<Answer>): Promise<Answer>; issuer: string },
): Promise<Pds> {
  const nonces = createNonceBook()
  const seenJtis = new Set()

  async function call(request: RecordedRequest): Promise<Answer> {
    const { accessToken, method, target, headers, body } = request
    if (accessToken === undefined) throw new Refusal('AuthMissing', 'no DPoP token')
    const jkt = await checkProof(request, { nonces, now, seenJtis, accessToken })
    const grant = grants.ofAccessToken(accessToken)
    if (!grant) throw new Refusal('invalid_token', 'the token is not valid')
    if (grant.holder.jkt !== jkt) throw new Refusal('invalid_dpop_proof', 'the token is bound to another key')
    return { json: { did: grant.did, method, target, headers, size: body.byteLength } }
  }

  const server = await startScriptedServer({ log, now }, async (request) => {
    if (request.path === '/.well-known/oauth-protected-resource')
      return { json: { resource: request.origin, authorization_servers: [issuer] } }
    const answer = await refuseOr(() => call(request))
    const nonce = { 'dpop-nonce': nonces.current() }
    if (answer.status === undefined) return { ...answer, headers: nonce }
    // The order of the reference server.
    const challenge = `DPoP algs="RS256 ES256", error="${answer.json?.error}", error_description="refused"`
    return { ...answer, status: 401, headers: { ...nonce, 'www-authenticate': challenge } }
  })
  return { ...server, nonces }
}

async function answerOrRefusal(work: () => Promise<Answer>, violations: string[]): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!faultless.has(error.error)) violations.push(`${error.error}: ${error.message}`)
    return { status: 400, json: { error: error.error, error_description: error.message } }
  }
}
