/** Requests to the authorization server: a form with client authentication and DPoP in, JSON out. */
import type { SigningKey } from '../../crypto/keyset.ts'
import { OAuthResponseError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { isJson } from '../../net/media-type.ts'
import { type ClientAuthDeps, clientAuthParams } from './client-auth.ts'
import { fetchWithDpop, type OpenedBody } from './dpop.ts'
import { parseRefusalText, type RefusalBody, refusalWords } from './refusal-words.ts'

export interface ServerRequest {
  readonly issuer: string
  readonly endpoint: string
  readonly params: Readonly<Record<string, string>>
  readonly dpopKey: SigningKey
  readonly clientKeyId: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Epoch milliseconds after which the request is not sent again, for a nonce or because of the clock; default never. */
  readonly repeatUntil?: number | undefined
}

/** What such a request needs of its client. */
export interface ServerRequestDeps extends ClientAuthDeps {
  readonly identity: { readonly fetch: GuardedFetch }
}

/** The parameters that must not come back in an error. */
const secretParams: ReadonlySet<string> = new Set([
  'code',
  'code_verifier',
  'refresh_token',
  'token',
  'state',
])
const MAX_DESCRIPTION = 500
/** A difference smaller than this is noise: `Date` has whole seconds. */
const CLOCK_STEP_MS = 2_000

/** The refusal of a request, with the body as it came. */
export class ServerRefusal extends OAuthResponseError {
  readonly #body: RefusalBody | undefined

  constructor(
    message: string,
    details: ConstructorParameters<typeof OAuthResponseError>[1],
    body: RefusalBody | undefined,
  ) {
    super(message, details)
    this.#body = body
  }

  /**
   * Untrusted, and perhaps with secrets in it: to compare, not to show. Undefined when the answer was no JSON object, or
   * was not called JSON.
   */
  bodyAsItCame(): RefusalBody | undefined {
    return this.#body
  }
}

/**
 * The 2xx response of the authorization server, its body unread. A request that was refused because of the clock is sent
 * once more, with the time of the server.
 *
 * @throws ServerRefusal for any other status; AtprotoAuthError `network_error`, `timeout`
 */
export async function postToServer(request: ServerRequest, deps: ServerRequestDeps): Promise<Response> {
  const { origin } = new URL(request.endpoint)
  const assumedMs = deps.servers.clockOffsetMs(origin)
  const first = await send(request, deps)
  if (first.ok) return first
  const refusal = await readRefusal(first, request)
  const learnedMs = deps.servers.clockOffsetMs(origin) - assumedMs
  const isLate = deps.now() > (request.repeatUntil ?? Number.POSITIVE_INFINITY)
  if (isLate || Math.abs(learnedMs) <= CLOCK_STEP_MS || !mayBeOfClock(refusal, request)) throw refusal
  const second = await send(request, deps)
  if (second.ok) return second
  throw await readRefusal(second, request)
}

async function send(request: ServerRequest, deps: ServerRequestDeps): Promise<Response> {
  const { issuer, endpoint, params, clientKeyId, signal, repeatUntil, dpopKey } = request
  const { origin } = new URL(endpoint)
  const response = await fetchWithDpop(
    {
      url: new URL(endpoint),
      method: 'POST',
      kind: 'token',
      headers: new Headers({ accept: 'application/json' }),
      body: {
        replayable: true,
        async open() {
          const auth = await clientAuthParams({ issuer, endpoint, clientKeyId }, deps)
          return formBody({ ...params, ...auth })
        },
      },
      signal,
      repeatUntil,
      key: dpopKey,
      clockOrigin: origin,
    },
    { fetch: deps.identity.fetch, servers: deps.servers, now: deps.now },
  )
  // Other endpoints have limits of their own: sign-ins that begin too often must not keep sessions from refreshing.
  const isTokenRequest = params.grant_type !== undefined
  if (isTokenRequest && (response.status === 429 || response.status === 503)) {
    deps.servers.rememberPause(issuer, response, deps.now())
  }
  return response
}

/**
 * Whether a wrong clock may be the reason. Servers word it in many ways, so a pushed authorization request, which uses
 * nothing up, is repeated after any refusal; a code or refresh token only after one of the proof or the assertion, which
 * servers judge before they look at it.
 */
function mayBeOfClock({ status, error }: ServerRefusal, { params }: ServerRequest): boolean {
  if (status !== 400 && status !== 401) return false
  const isPushed = params.response_type !== undefined
  return isPushed || error === 'invalid_dpop_proof' || error === 'invalid_client'
}

/**
 * Warns of an answer without a nonce. The profile wants it refused, but a nonce protects the server: refusing would gain
 * nothing here, and keep people with an account on such a server out.
 */
export function warnOfNoNonce(
  response: Response,
  issuer: string,
  { warn }: { readonly warn: (message: string) => void },
): void {
  if (response.headers.has('dpop-nonce')) return
  warn(`${issuer} answers without a DPoP-Nonce, which the AT Protocol requires.`)
}

/** A form as it is sent (RFC 6749, appendix B). */
export function formBody(params: Readonly<Record<string, string>>): OpenedBody {
  return {
    content: new URLSearchParams(params).toString(),
    contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
  }
}

async function readRefusal(
  response: Response,
  { issuer, endpoint, params }: ServerRequest,
): Promise<ServerRefusal> {
  const { status } = response
  // Undefined for a proxy's page instead of JSON: then only the status is known.
  const body = parseRefusalText(await response.text(), response.headers)
  const secrets = Object.entries(params).flatMap(([name, value]) => (secretParams.has(name) ? [value] : []))
  const { error, text } = refusalWords(body ?? {}, secrets, MAX_DESCRIPTION)
  const message = `${endpoint} answered ${status}${error ? ` (${error})` : ''}.${adviceOn(error)}`
  const details = { issuer, endpoint, status, error, errorDescription: text }
  return new ServerRefusal(message, details, isJson(response.headers) ? body : undefined)
}

/** The request was repeated with the nonce that the server gave, unless there was no time for that. */
function adviceOn(error: string | undefined): string {
  if (error !== 'use_dpop_nonce') return ''
  return ' It asks for a nonce again and again, gives none, or took too long to ask.'
}
