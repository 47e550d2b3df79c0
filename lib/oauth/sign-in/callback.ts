/**
 * Second half of the walk: the browser comes back (RFC 6749 §4.1.2, RFC 9207) → the code is exchanged once →
 * the account is verified from its DID to this very issuer → the session is stored.
 */
import { randomToken } from '../../crypto/derive.ts'
import { importSigningKey } from '../../crypto/keyset.ts'
import { AtprotoAuthError, OAuthCallbackError } from '../../errors.ts'
import { findHome } from '../../identity/resolve-issuer.ts'
import type { Did } from '../../identity/syntax.ts'
import type { ClientContext } from '../context.ts'
import type { SessionRow, StateRow, StoredSession } from '../records/records.ts'
import { cleanLabel } from '../records/session-summary.ts'
import { postToServer, warnOfNoNonce } from '../server/server-request.ts'
import { grantOf, parseTokenResponse, type TokenSet } from '../server/token-response.ts'
import { revokeTokens } from '../tokens/revoke.ts'
import { takeNewest } from '../tokens/unsaved-tokens.ts'

/** What the callback URL says. */
export interface CallbackAnswer {
  readonly state: string
  readonly issuer: string
  readonly result: { readonly code: string } | { readonly error: string }
}

/**
 * Reads a callback URL's parameters, without using them.
 *
 * @throws OAuthCallbackError `invalid_callback` when one is missing, empty, doubled or oversized
 */
export function parseCallback(params: URLSearchParams): CallbackAnswer {
  for (const name of params.keys()) {
    if (params.getAll(name).length > 1) throw invalid(params, 'a parameter is there more than once')
  }
  const read = (name: string): string | undefined => {
    const value = params.get(name)
    if (value !== null && (value === '' || value.length > 4_096))
      throw invalid(params, `${name} is malformed`)
    return value ?? undefined
  }
  const [state, issuer, code, error] = [read('state'), read('iss'), read('code'), read('error')]
  if (params.has('response')) throw invalid(params, 'a JARM response was not asked for')
  if (state === undefined) throw invalid(params, 'state is missing')
  if (issuer === undefined) throw invalid(params, 'iss is missing')
  if (code !== undefined && error === undefined) return { state, issuer, result: { code } }
  if (error !== undefined && code === undefined) return { state, issuer, result: { error } }
  throw invalid(params, 'either code or error was expected')
}

export interface CallbackOptions {
  /** Compared with the one that the sign-in began with; nothing else hangs on it. */
  readonly redirect_uri?: string | undefined
  /** What the person will know this session by in lists, such as `Firefox on Linux`; 100 characters are kept. */
  readonly label?: string | undefined
}

/**
 * Finishes a sign-in. Whether the browser is the one that began it has to be settled before.
 *
 * @throws OAuthCallbackError with the code of what went wrong; no session exists then, and tokens that had
 *   been issued are revoked
 */
export async function finishAuthorization(
  params: URLSearchParams,
  options: CallbackOptions,
  context: ClientContext,
): Promise<{ readonly session: StoredSession; readonly state: string | null }> {
  const answer = parseCallback(params)
  const row = await context.states.take(answer.state)
  if (!row) {
    throw new OAuthCallbackError('state_unknown', 'This sign-in has expired or was finished already.', {
      params,
    })
  }
  try {
    const { redirect_uri: redirectUri = row.redirectUri } = options
    if (redirectUri !== row.redirectUri) {
      throw new AtprotoAuthError('invalid_callback', `The sign-in began with ${row.redirectUri}.`)
    }
    const label = cleanLabel(options.label)
    const server = { 'server.address': new URL(row.tokenEndpoint).host }
    const session = await context.trace('atproto.callback', server, () =>
      exchange(answer, row, { label, context }),
    )
    context.events.updated(session)
    return { session, state: row.appState ?? null }
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    const code = cause.code === 'oauth_error' ? 'authorization_failed' : cause.code
    const { issuer, did } = row
    const details = { cause, issuer, ...(did && { did }), params, state: row.appState }
    throw new OAuthCallbackError(code, cause.message, details)
  }
}

async function exchange(
  answer: CallbackAnswer,
  row: StateRow,
  { label, context }: { readonly label: string | undefined; readonly context: ClientContext },
): Promise<StoredSession> {
  const { issuer } = row
  const code = codeOf(answer, issuer)
  // Beside the exchange where the account is known, and waited for with it: tokens that came are revoked whatever
  // the verification says, and it is not left alone when there are none.
  const verified = row.did && verifyAccount(row.did, row, context)
  const verification = Promise.allSettled([verified])
  const tokens = await redeem(code, row, context).finally(() => verification)
  try {
    const { sub, scope } = grantOf(tokens, issuer)
    if (row.did !== undefined && sub !== row.did) {
      throw new AtprotoAuthError(
        'account_mismatch',
        `${issuer} signed in another account than the one named.`,
        { issuer },
      )
    }
    const pds = await (verified ?? verifyAccount(sub, row, context))
    const session = await context.sessions.create(
      randomToken(),
      sessionRow(row, tokens, { did: sub, pds, scope, label }, context.now()),
    )
    const { id, replaced } = session
    if (replaced) await revokeTokens(takeNewest(id, replaced, context), context)
    return session
  } catch (error) {
    await revokeTokens({ ...row, ...tokens }, context)
    throw error
  }
}

/** The code of an answer that comes from where the sign-in began and is no error. */
function codeOf(answer: CallbackAnswer, issuer: string): string {
  if (answer.issuer !== issuer) {
    throw new AtprotoAuthError(
      'issuer_mismatch',
      `The answer does not come from ${issuer}, where the sign-in began.`,
    )
  }
  if ('code' in answer.result) return answer.result.code
  const code = answer.result.error === 'access_denied' ? 'access_denied' : 'authorization_failed'
  throw new AtprotoAuthError(code, `${issuer} ended the sign-in with an error.`, { issuer })
}

/** One request, never repeated: a code that is used twice ends the session at the server. */
async function redeem(code: string, row: StateRow, context: ClientContext): Promise<TokenSet> {
  const response = await postToServer(
    {
      issuer: row.issuer,
      endpoint: row.tokenEndpoint,
      dpopKey: await importSigningKey(row.dpopJwk),
      clientKeyId: row.clientKeyId,
      params: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: row.redirectUri,
        code_verifier: row.codeVerifier,
      },
    },
    context,
  )
  warnOfNoNonce(response, row.issuer, context)
  return parseTokenResponse(response, row.issuer, context.now())
}

/**
 * The PDS of the account, when account and issuer really belong together: any server may claim any `sub`
 * (atproto.com/specs/oauth, "Identity Authentication").
 */
async function verifyAccount(did: Did, { issuer, pds }: StateRow, context: ClientContext): Promise<string> {
  const home = await findHome(did, pds, context.identity)
  if (home.issuer === issuer) return home.pds
  throw new AtprotoAuthError('issuer_mismatch', `${did} is not at home at ${issuer}.`, { did, issuer })
}

function sessionRow(
  row: StateRow,
  tokens: TokenSet,
  known: Pick<SessionRow, 'did' | 'pds' | 'scope' | 'label'>,
  now: number,
): SessionRow {
  const { issuer, dpopJwk, clientKeyId } = row
  const { authorizationEndpoint, tokenEndpoint, parEndpoint, revocationEndpoint } = row
  const { accessToken, refreshToken, expiresAt } = tokens
  return {
    version: 1,
    ...{ issuer, authorizationEndpoint, tokenEndpoint, parEndpoint, revocationEndpoint },
    ...{ dpopJwk, clientKeyId },
    ...{ accessToken, refreshToken, expiresAt, ...known },
    issuedAt: now,
    rotation: 0,
    createdAt: now,
    lastUsedAt: now,
    verifiedAt: now,
    status: { kind: 'active' },
  }
}

function invalid(params: URLSearchParams, complaint: string): OAuthCallbackError {
  return new OAuthCallbackError('invalid_callback', `The callback URL is malformed: ${complaint}.`, {
    params,
  })
}
