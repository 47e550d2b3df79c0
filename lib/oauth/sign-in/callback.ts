/**
 * Second half of a sign-in: the browser comes back (RFC 6749 §4.1.2, RFC 9207) → the code is exchanged once → the
 * account is verified to be served by this very issuer → the session is stored.
 */
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError, OAuthCallbackError, OAuthResponseError } from '../../errors.ts'
import type { IdentityDeps } from '../../identity/resolve-account.ts'
import { resolveIssuer } from '../../identity/resolve-issuer.ts'
import type { Did } from '../../identity/syntax.ts'
import { newConnectionId } from '../records/connection-id.ts'
import type { SessionRecords, StateRecords, StoredSession } from '../records/records-contract.ts'
import type { SessionEvents } from '../records/session-events.ts'
import { newSessionRow } from '../records/session-row.ts'
import { cleanLabel } from '../records/session-summary.ts'
import type { StateAccount, StateRow } from '../records/state-row.ts'
import { postToServer, type ServerRequestDeps, warnOfNoNonce } from '../server/server-request.ts'
import { grantOf, parseTokenResponse, type TokenSet } from '../server/token-response.ts'
import { revokeTokens } from '../tokens/revoke.ts'
import { type TokenMemory, takeNewest } from '../tokens/token-memory.ts'
import type { Trace } from '../trace.ts'
import {
  type CallbackAnswer,
  type CallbackRefusal,
  codeOf,
  parseCallback,
  shownParams,
} from './callback-parameters.ts'

export interface CallbackDeps extends ServerRequestDeps {
  readonly identity: IdentityDeps
  readonly states: Pick<StateRecords, 'take'>
  readonly sessions: Pick<SessionRecords, 'create' | 'keepsIds'>
  readonly events: Pick<SessionEvents, 'updated'>
  readonly tokenMemory: Pick<TokenMemory, 'unsaved'>
  readonly trace: Trace
  readonly warn: (message: string) => void
}

export interface CallbackOptions {
  /** Must equal the redirect URI of the sign-in; otherwise unused. */
  readonly redirect_uri?: string | undefined
  /** What the user will know this session by in lists, such as `Firefox on Linux`; 100 characters are kept. */
  readonly label?: string | undefined
  /**
   * Whether the session is a connection: found by its session id alone, never by the account. Default false. Needs a
   * store of this library.
   */
  readonly isConnection?: boolean | undefined
}

/**
 * Finishes a sign-in. Whether the browser is the one that began it must have been checked before.
 *
 * @throws OAuthCallbackError with the code of what went wrong; then there is no session, and tokens that had been
 *   issued are revoked; TypeError for a connection on a store that keeps one session for each account
 */
export async function finishAuthorization(
  params: URLSearchParams,
  options: CallbackOptions,
  deps: CallbackDeps,
): Promise<{ readonly session: StoredSession; readonly state: string | null }> {
  const { isConnection = false } = options
  if (isConnection && !deps.sessions.keepsIds)
    throw new TypeError(
      'A connection needs a store of this library: your sessionStore keeps one session per account.',
    )
  const answer = parseCallback(params)
  const row = await deps.states.take(answer.state)
  if (!row) {
    const message = 'This sign-in has expired or was already finished.'
    throw new OAuthCallbackError('state_unknown', message, { params: shownParams(params) })
  }
  const { redirectUri, appState } = row.request
  try {
    if (options.redirect_uri !== undefined && options.redirect_uri !== redirectUri) {
      throw new AtprotoAuthError('invalid_callback', `The sign-in began with ${redirectUri}.`)
    }
    const server = { 'server.address': new URL(row.server.tokenEndpoint).host }
    const session = await deps.trace('atproto.callback', server, () =>
      exchange(answer, row, { ...deps, isConnection, label: cleanLabel(options.label) }),
    )
    deps.events.updated(session)
    return { session, state: appState ?? null }
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    const code = cause.code === 'oauth_error' ? 'authorization_failed' : cause.code
    const did = row.account && { did: row.account.did }
    throw new OAuthCallbackError(code, cause.message, {
      cause,
      issuer: row.server.issuer,
      ...did,
      ...reasonOf(answer, cause),
      params: shownParams(params),
      state: appState,
    })
  }
}

type Reason = Partial<CallbackRefusal> & { readonly status?: number }

/** Why the server refused: in the redirect, or at the exchange of the code. */
function reasonOf({ result }: CallbackAnswer, cause: AtprotoAuthError): Reason {
  if (cause instanceof OAuthResponseError) {
    const { status, error, errorDescription } = cause
    return {
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
      errorDescription,
    }
  }
  // Words that come from another issuer, or to another address, are not the reason: they were not read any further.
  const isRefusal = cause.code === 'access_denied' || cause.code === 'authorization_failed'
  return isRefusal && 'error' in result ? result : {}
}

type ExchangeDeps = CallbackDeps & { readonly label: string | undefined; readonly isConnection: boolean }

async function exchange(answer: CallbackAnswer, row: StateRow, deps: ExchangeDeps): Promise<StoredSession> {
  const code = codeOf(answer, row.server.issuer)
  return row.account
    ? exchangeForKnownAccount(code, row, { ...deps, account: row.account })
    : exchangeForUnknownAccount(code, row, deps)
}

/** The sign-in began with an account: it is verified beside the exchange, which saves a round trip. */
async function exchangeForKnownAccount(
  code: string,
  row: StateRow,
  deps: ExchangeDeps & { readonly account: StateAccount },
): Promise<StoredSession> {
  const { did } = deps.account
  const { issuer } = row.server
  // Both are waited for: tokens that were issued are revoked whatever the verification says.
  const [exchanged, verified] = await Promise.allSettled([
    redeem(code, row, deps),
    verifyAccount(did, row, deps),
  ])
  if (exchanged.status === 'rejected') throw exchanged.reason
  const tokens = exchanged.value
  return orRevoke(tokens, row, deps, async () => {
    const { sub, scope } = grantOf(tokens, issuer)
    if (sub !== did) {
      const message = `${issuer} signed in a different account from the one that was named.`
      throw new AtprotoAuthError('account_mismatch', message, { issuer })
    }
    if (verified.status === 'rejected') throw verified.reason
    return store(row, { did, pds: verified.value, scope, tokens }, deps)
  })
}

/** The sign-in began with the address of a server: only the tokens say whose account has to be verified. */
async function exchangeForUnknownAccount(
  code: string,
  row: StateRow,
  deps: ExchangeDeps,
): Promise<StoredSession> {
  const tokens = await redeem(code, row, deps)
  return orRevoke(tokens, row, deps, async () => {
    const { sub: did, scope } = grantOf(tokens, row.server.issuer)
    return store(row, { did, pds: await verifyAccount(did, row, deps), scope, tokens }, deps)
  })
}

/** The result of `work`; when it fails, the tokens are revoked first. */
async function orRevoke(
  tokens: TokenSet,
  { server, key }: StateRow,
  deps: ServerRequestDeps,
  work: () => Promise<StoredSession>,
): Promise<StoredSession> {
  try {
    return await work()
  } catch (error) {
    await revokeTokens({ server, key, tokens }, deps)
    throw error
  }
}

/** One request, never repeated: a code that is used twice ends the session at the server. */
async function redeem(
  code: string,
  { server, key, request }: StateRow,
  deps: CallbackDeps,
): Promise<TokenSet> {
  const { issuer, tokenEndpoint } = server
  const response = await postToServer(
    {
      issuer,
      endpoint: tokenEndpoint,
      dpopKey: await importSigningKey(key.dpopJwk),
      clientKeyId: key.clientKeyId,
      params: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: request.redirectUri,
        code_verifier: request.codeVerifier,
      },
    },
    deps,
  )
  warnOfNoNonce(response, issuer, deps)
  return parseTokenResponse(response, issuer, deps.now())
}

/**
 * The PDS of the account, if the issuer really serves the account: any server may claim any `sub`
 * (atproto.com/specs/oauth, "Identity Authentication").
 */
async function verifyAccount(
  did: Did,
  { account, server: { issuer } }: StateRow,
  { identity }: Pick<CallbackDeps, 'identity'>,
): Promise<string> {
  const current = await resolveIssuer(did, account?.pds, identity)
  if (current.issuer === issuer) return current.pds
  const message = `${did} is not served by the authorization server ${issuer}.`
  throw new AtprotoAuthError('issuer_mismatch', message, { did, issuer })
}

interface Grant {
  readonly did: Did
  readonly pds: string
  readonly scope: string
  readonly tokens: TokenSet
}

/** Stores the session; one that it replaces is revoked. */
async function store(
  { server, key }: StateRow,
  { did, pds, scope, tokens }: Grant,
  deps: ExchangeDeps,
): Promise<StoredSession> {
  const { accessToken, refreshToken, expiresAt } = tokens
  const row = newSessionRow({
    did,
    pds,
    server,
    tokens: { scope, accessToken, refreshToken, expiresAt },
    key,
    label: deps.label,
    now: deps.now(),
  })
  const newId = deps.isConnection ? newConnectionId() : randomToken()
  const session = await deps.sessions.create(newId, row)
  const { id, replaced } = session
  if (replaced) await revokeTokens(takeNewest(id, replaced, deps.tokenMemory), deps)
  return session
}
