/** A PDS with its authorization server, on two origins, both strict until a test scripts them otherwise. */
import type { JSONWebKeySet } from 'jose'
import {
  type AuthorizationServer,
  answerBeforeNonce,
  anyNonce,
  asksForNonce,
  startAuthorizationServer,
} from './authorization-server.ts'
import { createGrants, type Grant, type Grants } from './grants.ts'
import { checkProof, createNonceBook, type NonceBook, Refusal } from './request-checks.ts'
import {
  type Answer,
  type RecordedRequest,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts'
import { referenceChallenge, type ServerTraits } from './server-traits.ts'

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
  /** Default: as the reference server, on two origins. */
  readonly traits?: ServerTraits | undefined
  /** Port of the authorization server; default a free one. */
  readonly port?: number | undefined
  /** What the PDS answers to the call of a session; default what it got. */
  readonly respond?: ((call: SessionCall) => Answer | Promise<Answer>) | undefined
  /** What is answered without a token; undefined where one is needed. */
  readonly respondToAnyone?: ((request: RecordedRequest) => Promise<Answer | undefined>) | undefined
}

/** A call whose token and proof were found in order. */
export interface SessionCall {
  readonly grant: Grant
  readonly request: RecordedRequest
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

/** Starts both servers. */
export async function startHome({ traits = {}, ...options }: HomeOptions): Promise<Home> {
  const { log, now, violations, respond, respondToAnyone } = options
  const grants = createGrants(options)
  const refuseOr = (work: () => Promise<Answer>) => answerOrRefusal(work, violations)
  const pdsOptions = { now, traits, grants, violations, respond, respondToAnyone }
  const elsewhere = { status: 404, body: '' }
  const as: AuthorizationServer = await startAuthorizationServer({
    ...options,
    grants,
    refuseOr,
    traits,
    pds: () => pds.origin,
    besides: (request) => (traits.hasOneOrigin ? answerAsPds(request) : elsewhere),
  })
  const nonces = traits.hasOneOrigin ? as.nonces : createNonceBook({ now, traits })
  const answerAsPds = createPds({ ...pdsOptions, nonces, issuer: as.origin })
  const pds: Pds = traits.hasOneOrigin
    ? as
    : { ...(await startScriptedServer({ log, now }, answerAsPds)), nonces }
  return { as, pds }
}

interface PdsOptions extends Pick<HomeOptions, 'now' | 'violations' | 'respond' | 'respondToAnyone'> {
  readonly traits: ServerTraits
  readonly grants: Grants
  readonly nonces: NonceBook
  readonly issuer: string
}

/** What a PDS answers. */
function createPds(options: PdsOptions): (request: RecordedRequest) => Promise<Answer> {
  const { traits, nonces, issuer, violations } = options
  const { challenge = referenceChallenge } = traits
  const call = createCallCheck(options)
  return async (request) => {
    const { path, origin } = request
    if (path === '/.well-known/oauth-protected-resource')
      return { json: { resource: origin, authorization_servers: [issuer] } }
    const open = await options.respondToAnyone?.(request)
    if (open) return open
    const answer = await answerOrRefusal(
      () => call(request),
      violations,
      ({ error, message }) => ({
        status: 401,
        json: { error, error_description: message },
        headers: { 'www-authenticate': challenge(error) },
      }),
    )
    const nonce = asksForNonce(traits, path) && { 'dpop-nonce': nonces.current() }
    return { ...answer, headers: { ...nonce, ...answer.headers } }
  }
}

/** What a PDS answers to a call of an account; a Refusal comes with a challenge. */
function createCallCheck({ now, traits, grants, nonces, respond = echo }: PdsOptions) {
  const seenJtis = new Set()
  return async (request: RecordedRequest): Promise<Answer> => {
    const { accessToken, target, origin, path, proof } = request
    const early = answerBeforeNonce(request, { traits, now })
    if (early) return early
    if (accessToken === undefined) throw new Refusal('AuthMissing', 'no DPoP token')
    if (traits.comparesQuery && proof?.claims.htu !== origin + target)
      throw new Refusal('use_dpop_nonce', 'htu is another URL')
    const accepted = asksForNonce(traits, path) ? nonces : anyNonce
    const jkt = await checkProof(request, { nonces: accepted, now, seenJtis, accessToken })
    const grant = grants.ofAccessToken(accessToken)
    if (!grant) return refuseToken(grants.hasEnded(accessToken), traits)
    if (grant.holder.jkt !== jkt) throw new Refusal('invalid_dpop_proof', 'the token is bound to another key')
    const missing = traits.missingPermission && missingScope(request, grant.scope)
    if (missing !== undefined && traits.missingPermission) return traits.missingPermission(missing)
    return respond({ grant, request })
  }
}

function echo({ grant: { did }, request: { method, target, headers, body } }: SessionCall): Answer {
  return { json: { did, method, target, headers, size: body.byteLength } }
}

function refuseToken(hasEnded: boolean, { endedAccessToken, replacedAccessToken }: ServerTraits): Answer {
  const answer = hasEnded ? endedAccessToken : replacedAccessToken
  if (answer) return answer
  throw new Refusal('invalid_token', 'the token is not valid')
}

/** The scope that a new record needs, if it was not granted. */
function missingScope({ path, body }: RecordedRequest, granted: string): string | undefined {
  if (path !== '/xrpc/com.atproto.repo.createRecord') return undefined
  const { collection } = JSON.parse(String(body))
  const allowing = [`repo:${collection}`, `repo:${collection}?action=create`, 'transition:generic']
  const isGranted = granted.split(' ').some((scope) => allowing.includes(scope))
  return isGranted ? undefined : `repo:${collection}?action=create`
}

async function answerOrRefusal(
  work: () => Promise<Answer>,
  violations: string[],
  toAnswer: (refusal: Refusal) => Answer = ({ error, message }) => ({
    status: 400,
    json: { error, error_description: message },
  }),
): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (!faultless.has(error.error)) violations.push(`${error.error}: ${error.message}`)
    return toAnswer(error)
  }
}
