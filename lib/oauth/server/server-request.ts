/** Requests to the authorization server: a form with client authentication and DPoP in, JSON out. */
import { z } from 'zod'
import type { SigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError, OAuthResponseError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { readJson } from '../../net/read-json.ts'
import { type ClientAuthDeps, clientAuthParams } from './client-auth.ts'
import { fetchWithDpop, type OpenedBody } from './dpop.ts'

export interface ServerRequest {
  readonly issuer: string
  readonly endpoint: string
  readonly params: Readonly<Record<string, string>>
  readonly dpopKey: SigningKey
  readonly clientKeyId: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What such a request needs of its client. */
export interface ServerRequestDeps extends ClientAuthDeps {
  readonly identity: { readonly fetch: GuardedFetch }
}

const errorSchema = z.object({
  error: z.string().max(128),
  error_description: z.string().optional(),
})

/**
 * The 2xx response of the authorization server, its body unread.
 *
 * @throws OAuthResponseError for any other status; AtprotoAuthError `network_error`, `timeout`
 */
export async function postToServer(request: ServerRequest, deps: ServerRequestDeps): Promise<Response> {
  const { issuer, endpoint, params, clientKeyId } = request
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
      signal: request.signal,
      key: request.dpopKey,
      clockOrigin: new URL(endpoint).origin,
    },
    { fetch: deps.identity.fetch, servers: deps.servers, now: deps.now },
  )
  if (response.ok) return response
  // Other endpoints have limits of their own: sign-ins that begin too often must not keep sessions from refreshing.
  const isTokenRequest = params.grant_type !== undefined
  if (isTokenRequest && (response.status === 429 || response.status === 503)) {
    deps.servers.rememberPause(new URL(endpoint).origin, response, deps.now())
  }
  throw await readError(response, request)
}

/**
 * Warns of a token answer without a nonce. The profile wants such an answer refused, but refusing tokens would sign the
 * user out over a header that nothing depends on.
 */
export function warnOfNoNonce(
  response: Response,
  issuer: string,
  { warn }: { readonly warn: (message: string) => void },
): void {
  if (!response.headers.has('dpop-nonce')) warn(`${issuer} sends tokens without a DPoP-Nonce.`)
}

/** A form as it is sent (RFC 6749, appendix B). */
export function formBody(params: Readonly<Record<string, string>>): OpenedBody {
  return {
    content: new URLSearchParams(params).toString(),
    contentType: 'application/x-www-form-urlencoded;charset=UTF-8',
  }
}

async function readError(
  response: Response,
  { issuer, endpoint, params }: ServerRequest,
): Promise<OAuthResponseError> {
  const { status } = response
  const body = await readJson(response, errorSchema, endpoint).catch((error: unknown) => {
    // A proxy's page instead of JSON: only the status is known.
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  })
  const name = body && /^[a-z_]{1,64}$/.test(body.error) ? body.error : undefined
  const description = body?.error_description
  // Some servers quote the request, so a description that holds a code, verifier or token is left out.
  const echoes = Object.values(params).some((value) => value.length >= 16 && description?.includes(value))
  return new OAuthResponseError(`${endpoint} answered ${status}${name ? ` (${name})` : ''}.`, {
    issuer,
    endpoint,
    status,
    error: name,
    errorDescription: echoes ? undefined : description?.slice(0, 500),
  })
}
