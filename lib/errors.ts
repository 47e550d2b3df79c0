/**
 * The errors of this library. Every operation that fails throws an `AtprotoAuthError` with a `code` of the
 * closed union below; a mistake of the calling code throws a `TypeError`. Messages say what was expected,
 * what came and what to do; neither messages nor details ever hold a token, code, verifier, key or cookie.
 */

/** Why an operation failed. Switch over it: the union is closed, and each code keeps its meaning. */
export type ErrorCode =
  | 'invalid_identifier' // what was typed is neither a handle nor a supported DID
  | 'identity_not_found' // no DID for the handle, no document for the DID, or the two do not name each other
  | 'server_unavailable' // the person's PDS or authorization server did not answer properly
  | 'server_not_conforming' // it answered, but not as the AT Protocol OAuth profile demands
  | 'invalid_callback' // the callback URL is malformed
  | 'state_mismatch' // the callback belongs to a sign-in that another browser began
  | 'state_unknown' // the sign-in is unknown: expired, or finished already
  | 'issuer_mismatch' // the answer comes from another authorization server than the one asked
  | 'access_denied' // the person said no
  | 'authorization_failed' // the authorization server refused for another reason
  | 'account_mismatch' // another account came back than the one that was named
  | 'sign_in_refused' // the application's own hook onSignIn did not want the person in
  | 'token_response_invalid' // the token answer breaks the profile (type, scope, subject)
  | 'oauth_error' // the authorization server answered a request with an OAuth error
  | 'refresh_failed' // the tokens could not be renewed now; the session is kept
  | 'session_ended' // the session was revoked, signed out or has expired: sign in again
  | 'token_rejected' // the PDS keeps refusing a token that the authorization server holds valid; the session is kept
  | 'retry_needed' // the PDS wanted another nonce or token before it took a streamed body: send it again from its start
  | 'xrpc_error' // the PDS answered an XRPC call with an error
  | 'scope_missing' // the person has not granted what the call needs
  | 'rate_limited' // the PDS wants no more calls for a while
  | 'foreign_origin' // a request was to leave for another origin than the session's PDS
  | 'blocked_address' // the address is not one that a server may be asked to fetch
  | 'network_error' // nothing came back
  | 'timeout' // nothing came back in time
  | 'response_too_large' // more came back than this kind of answer may hold
  | 'invalid_response' // what came back is not what was asked for (status, type, JSON, schema)
  | 'store_unavailable' // the session store failed or could not be reached
  | 'configuration' // an option or environment variable is missing, malformed or unsafe
  | 'too_many_attempts' // this application begins no more sign-ins for a while
  | 'request_refused' // a cross-site or otherwise disallowed request to one of our own routes

export interface ErrorDetails {
  readonly cause?: unknown
  /** The account concerned. */
  readonly did?: string
  /** The authorization server concerned. */
  readonly issuer?: string
  /** The URL asked, without query. */
  readonly endpoint?: string
  /** The HTTP status that came. */
  readonly status?: number
  /** False when certainly nothing of the request has reached the server. */
  readonly sent?: boolean
}

/** The codes for which the same call may succeed later without anybody changing anything. */
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

/** Marks our errors for every copy of this module: Next makes one for each page and route bundle. */
const brand = Symbol.for('next-atproto-auth/error')

/**
 * Base of every error that this library throws on purpose. `instanceof` works by name, so that it also holds
 * for an error that another bundle's copy of a class made.
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
  /** False when certainly nothing of the request has reached the server; undefined when that is not known. */
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
    // A class that an application derives keeps the usual meaning.
    if (!Object.hasOwn(this, 'errorName')) return Function.prototype[Symbol.hasInstance].call(this, value)
    if (typeof value !== 'object' || value === null || !(brand in value)) return false
    return this.errorName === 'AtprotoAuthError' || ('name' in value && value.name === this.errorName)
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return retryableCodes.has(this.code)
  }
}

/** A handle, DID, PDS or authorization server could not be resolved or verified. */
export class OAuthResolverError extends AtprotoAuthError {
  static override readonly errorName: string = 'OAuthResolverError'
  override readonly name = 'OAuthResolverError'
}

/** The callback was refused, by us or by the authorization server. `state` is what the app gave to `authorize`. */
export class OAuthCallbackError extends AtprotoAuthError {
  static override readonly errorName: string = 'OAuthCallbackError'
  override readonly name = 'OAuthCallbackError'
  readonly params: URLSearchParams
  readonly state: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & { readonly params: URLSearchParams; readonly state?: string | undefined },
  ) {
    super(code, message, details)
    this.params = withoutSecrets(details.params)
    this.state = details.state
  }
}

/** The authorization server answered with an OAuth error (RFC 6749 §5.2). `errorDescription` is the server's own, untrusted text. */
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

/** The tokens could not be renewed now; the session is kept and may work later. */
export class TokenRefreshError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenRefreshError'
  override readonly name = 'TokenRefreshError'
  readonly sub: string

  constructor(sub: string, message: string, details: ErrorDetails = {}) {
    super('refresh_failed', message, { ...details, did: sub })
    this.sub = sub
  }
}

/**
 * Why a session is over: by a sign-out, or because its server ended it (`revoked`), the account has moved to another
 * server, or the server answered for another account.
 */
export type SessionEndReason = 'signed_out' | 'revoked' | 'account_moved' | 'account_mismatch'

/** The session is over: signed out, revoked, expired or refused for good. The person has to sign in again. */
export class TokenRevokedError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenRevokedError'
  override readonly name = 'TokenRevokedError'
  readonly sub: string
  /** Undefined when it is not known: the session was gone when it was looked for. */
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

/** The PDS refuses a token that was just renewed. The session is kept: a PDS alone signs nobody out. */
export class TokenInvalidError extends AtprotoAuthError {
  static override readonly errorName: string = 'TokenInvalidError'
  override readonly name = 'TokenInvalidError'
  readonly sub: string

  constructor(sub: string, message: string, details: ErrorDetails = {}) {
    super('token_rejected', message, { ...details, did: sub })
    this.sub = sub
  }
}

/** The session store failed; nobody is signed out by it. */
export class StoreUnavailableError extends AtprotoAuthError {
  static override readonly errorName: string = 'StoreUnavailableError'
  override readonly name = 'StoreUnavailableError'

  constructor(message: string, details: ErrorDetails = {}) {
    super('store_unavailable', message, details)
  }
}

/** An option or environment variable is missing, malformed or unsafe; the message names it and the fix. */
export class ConfigurationError extends AtprotoAuthError {
  static override readonly errorName: string = 'ConfigurationError'
  override readonly name = 'ConfigurationError'

  constructor(message: string, details: ErrorDetails = {}) {
    super('configuration', message, details)
  }
}

/** An error object is printed and logged: the authorization code must not travel in it (RFC 9700 §4.2.4). */
function withoutSecrets(params: URLSearchParams): URLSearchParams {
  const copy = new URLSearchParams(params)
  for (const name of ['code', 'state', 'response']) if (copy.has(name)) copy.set(name, 'redacted')
  return copy
}
