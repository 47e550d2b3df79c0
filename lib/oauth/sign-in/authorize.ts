/**
 * First half of the walk: what was typed → account → authorization server → pushed authorization request
 * (RFC 9126) → the URL to send the browser to.
 */
import { z } from 'zod'
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey, type PrivateJwk } from '../../crypto/keyset.ts'
import { AtprotoAuthError, type ErrorCode, OAuthResolverError, OAuthResponseError } from '../../errors.ts'
import { discoverServerAt } from '../../identity/discover-by-address.ts'
import { type AuthorizationServer, discoverServer } from '../../identity/discovery.ts'
import { resolveAccount } from '../../identity/resolve.ts'
import { type Did, parseServerUrl } from '../../identity/syntax.ts'
import { readJson } from '../../net/read-json.ts'
import type { ClientContext } from '../context.ts'
import { postToServer } from '../server/server-request.ts'
import { type AuthorizeOptions, redirectUriOf, scopeOf, wishesOf } from './authorize-options.ts'
import { createPkce } from './pkce.ts'

export interface Authorization {
  /** Where to send the browser. */
  readonly url: URL
  /** The OAuth `state` parameter: 256 random bits, to be bound to this browser. */
  readonly state: string
}

/** How long a person may take on the authorization server's pages; a sign-up may wait for an e-mail. */
const STATE_TTL_MS = 30 * 60_000
const SIGN_UP_TTL_MS = 60 * 60_000
/** For everything before the browser is sent away: nobody waits longer for a form. */
const START_MS = 10_000
/** Alike to whoever asks: what a server's name leads to is no business of the person who typed a handle. */
const unreachable: ReadonlySet<ErrorCode> = new Set(['blocked_address', 'network_error', 'timeout'])
const parSchema = z.object({
  request_uri: z
    .string()
    .min(1)
    .max(2_048)
    .regex(/^[\x21-\x7e]+$/),
  expires_in: z.number().positive(),
})

/**
 * Begins a sign-in and remembers it for half an hour, a sign-up for an hour.
 *
 * @param input handle, DID or the https address of a server, as the person typed it
 * @throws AtprotoAuthError `invalid_identifier`; OAuthResolverError `identity_not_found`,
 *   `server_unavailable`, `server_not_conforming`; OAuthResponseError when the server refuses the request
 */
export async function startAuthorization(
  input: string,
  options: AuthorizeOptions,
  context: ClientContext,
): Promise<Authorization> {
  const deadline = AbortSignal.timeout(START_MS)
  const signal = AbortSignal.any([deadline, ...(options.signal ? [options.signal] : [])])
  try {
    return await context.trace('atproto.authorize', {}, async (span) => {
      const begun = await begin(input, { ...options, signal }, context)
      span.set('server.address', begun.url.host)
      return begun
    })
  } catch (cause) {
    if (!deadline.aborted || options.signal?.aborted || cause instanceof AtprotoAuthError) throw cause
    throw new OAuthResolverError('server_unavailable', 'The servers took longer than 10 s in all.', { cause })
  }
}

async function begin(
  input: string,
  options: AuthorizeOptions & { readonly signal: AbortSignal },
  context: ClientContext,
): Promise<Authorization> {
  const { metadata, keyset } = context
  const scope = scopeOf(options.scope, metadata.scope)
  const redirectUri = redirectUriOf(options.redirect_uri, metadata.redirect_uris)
  const wishes = wishesOf(options)
  const { did, pds, loginHint, server } = await findServer(input, context, options.signal)

  const attempt = {
    state: randomToken(),
    scope,
    redirectUri,
    loginHint,
    wishes,
    dpopJwk: await context.createDpopJwk(),
    clientKeyId: keyset?.active.kid,
    pkce: createPkce(),
    signal: options.signal,
  }
  const requestUri = await pushRequest(attempt, server, context)
  await context.states.create(attempt.state, {
    version: 1,
    ...{ did, pds },
    ...server,
    redirectUri: attempt.redirectUri,
    scope,
    codeVerifier: attempt.pkce.verifier,
    dpopJwk: attempt.dpopJwk,
    clientKeyId: attempt.clientKeyId,
    appState: options.state,
    expiresAt: context.now() + (options.prompt === 'create' ? SIGN_UP_TTL_MS : STATE_TTL_MS),
  })

  const url = new URL(server.authorizationEndpoint)
  url.searchParams.set('client_id', metadata.client_id)
  url.searchParams.set('request_uri', requestUri)
  return { url, state: attempt.state }
}

interface Destination {
  readonly server: AuthorizationServer
  /** Undefined when only a server was named: the token answer then says whose account it is. */
  readonly did: Did | undefined
  /** Origin of the account's PDS, where the account is known. */
  readonly pds: string | undefined
  readonly loginHint: string | undefined
}

async function findServer(
  input: string,
  { metadata, identity: deps }: ClientContext,
  signal: AbortSignal | undefined,
): Promise<Destination> {
  const authMethod = metadata.token_endpoint_auth_method
  const origin = parseServerUrl(input)
  if (origin !== undefined) {
    const server = await discoverServerAt(origin, authMethod, deps, signal)
    return { server, did: undefined, pds: undefined, loginHint: undefined }
  }
  const { did, pds, identifier } = await resolveAccount(input, deps, signal)
  return { did, pds, loginHint: identifier, server: await discoverServer(pds, authMethod, deps, signal) }
}

/** Whether a server said nothing, or only that it cannot now: its own words or a gateway's. */
function isUnavailable(error: unknown): error is AtprotoAuthError {
  if (error instanceof OAuthResponseError) return (error.status ?? 0) >= 500
  return error instanceof AtprotoAuthError && unreachable.has(error.code)
}

interface Attempt {
  readonly state: string
  readonly scope: string
  readonly redirectUri: string
  readonly loginHint: string | undefined
  readonly wishes: Readonly<Record<string, string>>
  readonly dpopJwk: PrivateJwk
  readonly clientKeyId: string | undefined
  readonly pkce: { readonly challenge: string }
  readonly signal: AbortSignal
}

async function pushRequest(
  attempt: Attempt,
  server: AuthorizationServer,
  context: ClientContext,
): Promise<string> {
  const { issuer, parEndpoint: endpoint } = server
  const response = await postToServer(
    {
      issuer,
      endpoint,
      dpopKey: await importSigningKey(attempt.dpopJwk),
      clientKeyId: attempt.clientKeyId,
      signal: attempt.signal,
      params: {
        response_type: 'code',
        code_challenge: attempt.pkce.challenge,
        code_challenge_method: 'S256',
        state: attempt.state,
        redirect_uri: attempt.redirectUri,
        scope: attempt.scope,
        ...attempt.wishes,
        ...(context.responseMode !== undefined && { response_mode: context.responseMode }),
        ...(attempt.loginHint !== undefined && { login_hint: attempt.loginHint }),
      },
    },
    context,
  ).catch((cause: unknown) => {
    attempt.signal.throwIfAborted()
    if (!isUnavailable(cause)) throw cause
    throw new OAuthResolverError('server_unavailable', `${endpoint} did not answer.`, {
      cause,
      issuer,
      endpoint,
      ...(cause.status !== undefined && { status: cause.status }),
    })
  })
  // The profile demands a nonce with every answer to a proof; here, unlike later, nothing is lost by refusing.
  if (!response.headers.has('dpop-nonce')) {
    throw new OAuthResolverError('server_not_conforming', `${endpoint} sent no DPoP-Nonce.`, {
      issuer,
      endpoint,
    })
  }
  const par = await readJson(response, parSchema, endpoint).catch((cause: unknown) => {
    throw new OAuthResolverError('server_not_conforming', `${endpoint} sent no request_uri.`, {
      cause,
      issuer,
    })
  })
  return par.request_uri
}
