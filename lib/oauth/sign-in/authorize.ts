/**
 * First half of a sign-in: what was typed → account → authorization server → pushed authorization request (RFC 9126) →
 * the URL to send the browser to.
 */
import { z } from 'zod'
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey, type PrivateJwk } from '../../crypto/keyset.ts'
import { AtprotoAuthError, type ErrorCode, OAuthResolverError, OAuthResponseError } from '../../errors.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { discoverServerAt } from '../../identity/discover-by-address.ts'
import { discoverServer } from '../../identity/discover-server.ts'
import { type IdentityDeps, resolveAccount } from '../../identity/resolve-account.ts'
import { parseServerUrl } from '../../identity/syntax.ts'
import { readJson } from '../../net/read-json.ts'
import type { ClientMetadata } from '../client-metadata/build.ts'
import type { StateRecords } from '../records/records-contract.ts'
import type { StateAccount, StateRow } from '../records/state-row.ts'
import { postToServer, type ServerRequestDeps, warnOfNoNonce } from '../server/server-request.ts'
import type { Trace } from '../trace.ts'
import {
  type AuthorizeOptions,
  parametersOf,
  type ResponseMode,
  redirectUriOf,
  scopeOf,
} from './authorize-options.ts'
import { createPkce } from './pkce.ts'

export interface AuthorizeDeps extends ServerRequestDeps {
  readonly metadata: ClientMetadata
  readonly identity: IdentityDeps
  readonly states: Pick<StateRecords, 'create'>
  /** How the authorization server is asked to answer; undefined leaves it to the server's default, `query`. */
  readonly responseMode: ResponseMode | undefined
  /** Makes the DPoP key of a new sign-in. */
  readonly createDpopJwk: () => Promise<PrivateJwk>
  readonly trace: Trace
  readonly warn: (message: string) => void
}

export interface Authorization {
  /** Where to send the browser. */
  readonly url: URL
  /** The OAuth `state` parameter: 256 random bits, to be bound to this browser. */
  readonly state: string
}

/** How long a user may take on the authorization server's pages; a sign-up may wait for an e-mail. */
const STATE_TTL_MS = 30 * 60_000
const SIGN_UP_TTL_MS = 60 * 60_000
/** For everything before the browser is sent away: people do not wait longer for a form. */
const START_MS = 10_000
/** Reported identically, so that a form that takes server names cannot be used to probe the network. */
const unreachable: ReadonlySet<ErrorCode> = new Set(['blocked_address', 'network_error', 'timeout'])
const parSchema = z.object({
  request_uri: z
    .string()
    .min(1)
    .max(2_048)
    .regex(/^[\x21-\x7e]+$/),
})

/**
 * Begins a sign-in and keeps it for half an hour, a sign-up for an hour.
 *
 * @param input handle, DID or the https address of a server, as the user typed it
 * @throws AtprotoAuthError `invalid_identifier`; OAuthResolverError `identity_not_found`,
 *   `server_unavailable`, `server_not_conforming`; OAuthResponseError when the server refuses the request
 */
export async function startAuthorization(
  input: string,
  options: AuthorizeOptions,
  deps: AuthorizeDeps,
): Promise<Authorization> {
  const deadline = AbortSignal.timeout(START_MS)
  const signal = AbortSignal.any([deadline, ...(options.signal ? [options.signal] : [])])
  try {
    return await deps.trace('atproto.authorize', {}, async (span) => {
      const authorization = await begin(input, { ...options, signal }, deps)
      span.set('server.address', authorization.url.host)
      return authorization
    })
  } catch (cause) {
    if (!deadline.aborted || options.signal?.aborted || cause instanceof AtprotoAuthError) throw cause
    const message = 'The look-ups and the request to the authorization server took longer than 10 s in all.'
    throw new OAuthResolverError('server_unavailable', message, { cause })
  }
}

async function begin(
  input: string,
  options: AuthorizeOptions & { readonly signal: AbortSignal },
  deps: AuthorizeDeps,
): Promise<Authorization> {
  const { metadata, keyset } = deps
  const scope = scopeOf(options.scope, metadata.scope)
  const redirectUri = redirectUriOf(options.redirect_uri, metadata.redirect_uris)
  const parameters = parametersOf(options)
  const { account, server, loginHint } = await findServer(input, deps, options.signal)

  const oauthState = randomToken()
  const pkce = createPkce()
  const lifetimeMs = options.prompt === 'create' ? SIGN_UP_TTL_MS : STATE_TTL_MS
  const signIn = {
    account,
    server,
    key: { dpopJwk: await deps.createDpopJwk(), clientKeyId: keyset?.active.kid },
    request: { redirectUri, scope, codeVerifier: pkce.verifier, appState: options.state },
  }
  const requestUri = await pushRequest(
    signIn,
    {
      response_type: 'code',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      state: oauthState,
      redirect_uri: redirectUri,
      scope,
      ...parameters,
      ...(deps.responseMode !== undefined && { response_mode: deps.responseMode }),
      ...(loginHint !== undefined && { login_hint: loginHint }),
    },
    { ...deps, signal: options.signal },
  )
  await deps.states.create(oauthState, { ...signIn, expiresAt: deps.now() + lifetimeMs })

  const url = new URL(server.authorizationEndpoint)
  url.searchParams.set('client_id', metadata.client_id)
  url.searchParams.set('request_uri', requestUri)
  return { url, state: oauthState }
}

interface Destination {
  readonly server: AuthorizationServer
  /** Undefined when only a server was named: the token answer then says whose account it is. */
  readonly account: StateAccount | undefined
  readonly loginHint: string | undefined
}

async function findServer(
  input: string,
  { metadata, identity }: Pick<AuthorizeDeps, 'metadata' | 'identity'>,
  signal: AbortSignal,
): Promise<Destination> {
  const authMethod = metadata.token_endpoint_auth_method
  const origin = parseServerUrl(input)
  if (origin !== undefined) {
    const server = await discoverServerAt(origin, authMethod, identity, { signal })
    return { server, account: undefined, loginHint: undefined }
  }
  const { did, pds, identifier } = await resolveAccount(input, identity, { signal })
  const server = await discoverServer(pds, authMethod, identity, { signal })
  return { server, account: { did, pds }, loginHint: identifier }
}

/** Whether a server did not answer, or only that it cannot now: in its own words or a gateway's. */
function isUnavailable(error: unknown): error is AtprotoAuthError {
  if (error instanceof OAuthResponseError) return (error.status ?? 0) >= 500
  return error instanceof AtprotoAuthError && unreachable.has(error.code)
}

async function pushRequest(
  { server, key }: Pick<StateRow, 'server' | 'key'>,
  params: Readonly<Record<string, string>>,
  { signal, ...deps }: ServerRequestDeps & Pick<AuthorizeDeps, 'warn'> & { readonly signal: AbortSignal },
): Promise<string> {
  const { issuer, parEndpoint: endpoint } = server
  const dpopKey = await importSigningKey(key.dpopJwk)
  const response = await postToServer(
    { issuer, endpoint, params, dpopKey, clientKeyId: key.clientKeyId, signal },
    deps,
  ).catch((cause: unknown) => {
    signal.throwIfAborted()
    if (!isUnavailable(cause)) throw cause
    const message = cause instanceof OAuthResponseError ? cause.message : `${endpoint} did not answer.`
    throw new OAuthResolverError('server_unavailable', message, {
      cause,
      issuer,
      endpoint,
      ...(cause.status !== undefined && { status: cause.status }),
    })
  })
  warnOfNoNonce(response, issuer, deps)
  const par = await readJson(response, parSchema, endpoint).catch((cause: unknown) => {
    const message = `${endpoint} sent no request_uri.`
    throw new OAuthResolverError('server_not_conforming', message, { cause, issuer })
  })
  return par.request_uri
}
