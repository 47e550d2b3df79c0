/**
 * The errors of this library. Every operation that fails throws an `AtprotoAuthError` with a `code` of the closed union
 * below; a mistake in the calling code throws a `TypeError`. Messages say what was expected, what was received and what
 * to do. Neither messages nor details ever contain a token, code, verifier, key or cookie.
 */

/** Why an operation failed. You can switch over it: the union is closed, and the meaning of a code never changes. */
export type ErrorCode =
  | 'invalid_identifier' // the text is neither a handle nor a supported DID
  | 'identity_not_found' // the handle definitely has no DID, the DID has no document, or the two do not name each other
  | 'server_unavailable' // a server that the account depends on (its handle's host and DNS, its directory, PDS or authorization server) did not answer properly
  | 'server_not_conforming' // it answered, but not as the AT Protocol OAuth profile requires
  | 'invalid_callback' // the callback URL is malformed
  | 'state_mismatch' // the callback belongs to a sign-in that another browser began
  | 'state_unknown' // the sign-in is unknown: it has expired or was already finished
  | 'issuer_mismatch' // the response comes from a different authorization server than the one that was asked
  | 'access_denied' // the user declined
  | 'authorization_failed' // the authorization server refused for another reason
  | 'account_mismatch' // the user signed in with a different account from the one they entered
  | 'sign_in_refused' // the application's onSignIn hook refused the sign-in
  | 'user_mismatch' // the application's user is not the one for whom the connection began
  | 'connect_refused' // the application did not accept the account: thrown by onConnected; the connection was ended
  | 'connect_failed' // the application's currentUser or onConnected threw anything else; the connection was ended
  | 'token_response_invalid' // the token response violates the profile (type, scope, subject)
  | 'oauth_error' // the authorization server answered a request with an OAuth error
  | 'refresh_failed' // the tokens could not be refreshed now; the session is kept
  | 'session_ended' // the session was revoked, signed out or has expired: the user has to sign in again
  | 'token_rejected' // the PDS refuses a token that the authorization server has just issued; the session is kept
  | 'retry_needed' // the PDS asked for a new nonce or token: repeat the call with a new stream
  | 'xrpc_error' // the PDS answered an XRPC call with an error
  | 'scope_missing' // the user has not granted the scope that the call needs
  | 'rate_limited' // the PDS accepts no more calls for a while
  | 'foreign_origin' // the request URL has a different origin than the session's PDS; nothing was sent
  | 'blocked_address' // the address is not allowed: not https, or not a public address
  | 'network_error' // there was no response
  | 'timeout' // there was no response in time
  | 'response_too_large' // the response is larger than allowed
  | 'invalid_response' // the response has an unexpected status, type or JSON, or does not fit the schema
  | 'store_unavailable' // the session store failed or could not be reached
  | 'configuration' // an option or environment variable is missing, malformed or unsafe
  | 'too_many_attempts' // this application accepts no more sign-in attempts for a while
  | 'request_refused' // a cross-site or otherwise disallowed request to one of the library's routes

/** Facts about a failed operation, for logs. They never contain a secret. */
export interface ErrorDetails {
  readonly cause?: unknown
  /** The account concerned. */
  readonly did?: string
  /** The authorization server concerned. */
  readonly issuer?: string
  /** The URL of the request, without query. */
  readonly endpoint?: string
  /** The HTTP status of the response. */
  readonly status?: number
  /** False when it is certain that nothing of the request has reached the server. */
  readonly sent?: boolean
}

/** The codes for which the same call may succeed later without any change. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  'server_unavailable',
  'refresh_failed',
  'retry_needed',
  'rate_limited',
  'too_many_attempts',
  'network_error',
  'timeout',
  'store_unavailable',
])

/** Marks the errors of every copy of this module: Next.js creates one for each page and route bundle. */
const brand = Symbol.for('next-atproto-auth/error')

/**
 * The base class of all errors of this library. `instanceof` compares names, so that it also works for an error that
 * was created by another bundle's copy of the class.
 */
export class AtprotoAuthError extends Error {
  static readonly errorName: string = 'AtprotoAuthError'
  readonly [brand] = true
  override readonly name: string = 'AtprotoAuthError'
  readonly code: ErrorCode
  readonly did: string | undefined
  readonly issuer: string | undefined
  readonly endpoint: string | undefined
  readonly status: number | undefined
  /** False when it is certain that nothing of the request has reached the server; undefined when that is unknown. */
  readonly sent: boolean | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.did = details.did
    this.issuer = details.issuer
    this.endpoint = details.endpoint
    this.status = details.status
    this.sent = details.sent
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // Classes that an application derives keep the usual `instanceof`.
    if (!Object.hasOwn(this, 'errorName')) return Function.prototype[Symbol.hasInstance].call(this, value)
    if (typeof value !== 'object' || value === null || !(brand in value)) return false
    return this.errorName === 'AtprotoAuthError' || ('name' in value && value.name === this.errorName)
  }

  /** Whether the same call may succeed later without any change. */
  get retryable(): boolean {
    return retryableCodes.has(this.code)
  }
}

/** What was typed is neither a handle nor a supported DID, nor the address of a server that may be used. */
export class InvalidIdentifierError extends AtprotoAuthError {
  static override readonly errorName: string = 'InvalidIdentifierError'
  override readonly name = 'InvalidIdentifierError'
  /** What it is instead: a name in other letters than a to z, for instance. Undefined when it is like nothing known. */
  readonly looksLike: 'email' | 'web_address' | 'other_letters' | undefined

  constructor(message: string, looksLike?: InvalidIdentifierError['looksLike'], details: ErrorDetails = {}) {
    super('invalid_identifier', message, details)
    this.looksLike = looksLike
  }
}

/** A handle, DID, PDS or authorization server could not be resolved or verified. */
export class OAuthResolverError extends AtprotoAuthError {
  static override readonly errorName: string = 'OAuthResolverError'
  override readonly name = 'OAuthResolverError'
}

/**
 * The callback was refused, by this library or by the authorization server. `state` is the value that the application
 * passed to `authorize`. In `params`, the values of `code`, `state` and `response` are redacted. `error` and
 * `errorDescription` are the reason of the authorization server, in the redirect (RFC 6749 §4.1.2.1) or at the exchange
 * of the code. They are untrusted text of the server, shortened and without secrets: log them, but do not render them.
 */
export class OAuthCallbackError extends AtprotoAuthError {
  static override readonly errorName: string = 'OAuthCallbackError'
  override readonly name = 'OAuthCallbackError'
  readonly params: URLSearchParams
  readonly state: string | undefined
  readonly error: string | undefined
  readonly errorDescription: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & {
      readonly params: URLSearchParams
      readonly state?: string | undefined
      readonly error?: string | undefined
      readonly errorDescription?: string | undefined
    },
  ) {
    super(code, message, details)
    this.params = withoutSecrets(details.params)
    this.state = details.state
    this.error = details.error
    this.errorDescription = details.errorDescription
  }
}

/**
 * The authorization server answered with an OAuth error (RFC 6749 §5.2). `errorDescription` is untrusted text of the
 * server: log it, but do not render it.
 */
export class OAuthResponseError extends AtprotoAuthError {
  static override readonly errorName: string = 'OAuthResponseError'
  override readonly name = 'OAuthResponseError'
  readonly error: string | undefined
  readonly errorDescription: string | undefined

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly error?: string | undefined
      readonly errorDescription?: string | undefined
    },
  ) {
    super('oauth_error', message, details)
    this.error = details.error
    this.errorDescription = details.errorDescription
  }
}

/**
 * The tokens could not be refreshed now. The session is kept and may work later. `sub` is the account's DID. The code is
 * `refresh_failed`; `server_unavailable` when too many sessions of this process waited for the authorization server, and
 * nothing was sent.
 */
export class TokenRefreshError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenRefreshError'
  override readonly name = 'TokenRefreshError'
  readonly sub: string
  /** Milliseconds to wait before the next try, for `Retry-After`; undefined when nothing is known of that. */
  readonly retryAfterMs: number | undefined

  constructor(
    sub: string,
    message: string,
    details: ErrorDetails & {
      readonly code?: 'refresh_failed' | 'server_unavailable'
      readonly retryAfterMs?: number | undefined
    } = {},
  ) {
    super(details.code ?? 'refresh_failed', message, { ...details, did: sub })
    this.sub = sub
    this.retryAfterMs = details.retryAfterMs
  }
}

/**
 * Why a session is over: the user signed out, the authorization server ended it (`revoked`), the account has moved to
 * another authorization server, or the server answered for a different account.
 */
export type SessionEndReason = 'signed_out' | 'revoked' | 'account_moved' | 'account_mismatch'

/**
 * The session is over: it was signed out or revoked, or has expired. The user has to sign in again. `sub` is the
 * account's DID.
 */
export class TokenRevokedError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenRevokedError'
  override readonly name = 'TokenRevokedError'
  readonly sub: string
  /**
   * Undefined when the store has no such session: it was signed out or has expired, or this is another store than the one
   * that it was stored in.
   */
  readonly reason: SessionEndReason | undefined

  constructor(
    sub: string,
    message: string,
    details: ErrorDetails & { readonly reason?: SessionEndReason | undefined } = {},
  ) {
    super('session_ended', message, { ...details, did: sub })
    this.sub = sub
    this.reason = details.reason
  }
}

/**
 * The PDS refuses a token that was just refreshed. The session is kept: a PDS alone cannot end a session. `sub` is the
 * account's DID.
 */
export class TokenInvalidError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenInvalidError'
  override readonly name = 'TokenInvalidError'
  readonly sub: string

  constructor(sub: string, message: string, details: ErrorDetails = {}) {
    super('token_rejected', message, { ...details, did: sub })
    this.sub = sub
  }
}

/** The session store failed. Users stay signed in. */
export class StoreUnavailableError extends AtprotoAuthError {
  static override readonly errorName: string = 'StoreUnavailableError'
  override readonly name = 'StoreUnavailableError'

  constructor(message: string, details: ErrorDetails = {}) {
    super('store_unavailable', message, details)
  }
}

/**
 * Why a stored session does not open. `secret`: it names a secret that is not configured. `other`: it is of another
 * client_id or version, or was altered.
 */
export type UnopenedCause = 'secret' | 'other'

/**
 * An option or environment variable is missing, malformed or unsafe; the message names it and the fix. No session has
 * ended: it works again when the configuration does.
 */
export class ConfigurationError extends AtprotoAuthError {
  static override readonly errorName: string = 'ConfigurationError'
  override readonly name = 'ConfigurationError'
  /** Only from `restore` and `exportSession`: the session is stored, but does not open. Otherwise undefined. */
  readonly unopenedSession: UnopenedCause | undefined

  constructor(
    message: string,
    details: ErrorDetails & { readonly unopenedSession?: UnopenedCause | undefined } = {},
  ) {
    super('configuration', message, details)
    this.unopenedSession = details.unopenedSession
  }
}

/** Error objects are printed and logged, so they must not contain the authorization code (RFC 9700 §4.2.4). */
function withoutSecrets(params: URLSearchParams): URLSearchParams {
  const copy = new URLSearchParams(params)
  for (const name of ['code', 'state', 'response']) if (copy.has(name)) copy.set(name, 'redacted')
  return copy
}
