/** Requests to the authorization server: a form with client authentication and DPoP; JSON comes back. */
import { z } from 'zod'
import type { SigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError, OAuthResponseError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { readJson } from '../../net/read-json.ts'
import { type ClientAuthDeps, clientAuthParams } from './client-auth.ts'
import { fetchWithDpop } from './dpop.ts'

export interface ServerRequest {
  readonly issuer: string
  readonly endpoint: string
  readonly params: Readonly<Record<string, string>>
  readonly dpopKey: SigningKey
  readonly clientKeyId: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What of a client sends such a request. */
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
export async function postToServer(request: ServerRequest, context: ServerRequestDeps): Promise<Response> {
  const { issuer, endpoint, params, clientKeyId } = request
  const { fetch } = context.identity
  const response = await fetchWithDpop(
    {
      url: new URL(endpoint),
      method: 'POST',
      kind: 'token',
      key: request.dpopKey,
      clockOrigin: new URL(endpoint).origin,
      signal: request.signal,
      async build() {
        const auth = await clientAuthParams({ issuer, endpoint, clientKeyId }, context)
        return {
          headers: new Headers({
            'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
            accept: 'application/json',
          }),
          body: new URLSearchParams({ ...params, ...auth }).toString(),
        }
      },
    },
    { fetch, servers: context.servers, now: context.now },
  )
  if (response.ok) return response
  // The limits of the other endpoints are their own: who begins a sign-in too often must not keep sessions from renewal.
  const isTokenRequest = params.grant_type !== undefined
  if (isTokenRequest && (response.status === 429 || response.status === 503)) {
    context.servers.rememberPause(new URL(endpoint).origin, response, context.now())
  }
  throw await readError(response, request)
}

/**
 * The profile has an answer without a nonce refused. Once there are tokens that would sign the person out, over a
 * header that nothing depends on: so it is said, and that is all.
 */
export function warnOfNoNonce(
  response: Response,
  issuer: string,
  { warn }: { readonly warn: (message: string) => void },
): void {
  if (!response.headers.has('dpop-nonce')) warn(`${issuer} sends tokens without a DPoP-Nonce.`)
}

async function readError(
  response: Response,
  { issuer, endpoint, params }: ServerRequest,
): Promise<OAuthResponseError> {
  const { status } = response
  const body = await readJson(response, errorSchema, endpoint).catch((error: unknown) => {
    // A proxy's page instead of JSON: the status alone tells.
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  })
  const name = body && /^[a-z_]{1,64}$/.test(body.error) ? body.error : undefined
  const description = body?.error_description
  // Some servers quote the request: a description that holds a code, verifier or token is left out.
  const echoes = Object.values(params).some((value) => value.length >= 16 && description?.includes(value))
  return new OAuthResponseError(`${endpoint} answered ${status}${name ? ` (${name})` : ''}.`, {
    issuer,
    endpoint,
    status,
    error: name,
    errorDescription: echoes ? undefined : description?.slice(0, 500),
  })
}
