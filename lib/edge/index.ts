/**
 * Stands in for the entry `next-atproto-auth` on the edge. A file that only imports `auth.ts` for something else still
 * works there; a call says what to do.
 */
import { AtprotoAuthError } from '../errors.ts'
import type { AtprotoAuth } from '../next/auth.ts'
import { refuseLater } from './refuse.ts'

export * from '../errors.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from '../oauth/resource/xrpc-error.ts'
export { passThrough } from '../oauth/session/xrpc-proxy.ts'
export { signInErrorReference } from '../web/error-reference.ts'
export { connectErrorMessage, signInErrorMessage } from '../web/sign-in-error.ts'

/** Never thrown here; it exists for `instanceof`. */
export class TooManyAttemptsError extends AtprotoAuthError {
  static override readonly errorName: string = 'TooManyAttemptsError'
}

/** Returns an object whose functions reject with a TypeError that says what to do. */
export function createAtprotoAuth(): AtprotoAuth {
  const get = { GET: refuseLater }
  const post = { POST: refuseLater }
  const both = { ...get, ...post }
  return {
    handlers: {
      ...both,
      clientMetadata: get,
      login: both,
      callback: get,
      logout: post,
      switch: post,
      session: get,
      jwks: get,
      xrpc: () => both,
    },
    getSession: refuseLater,
    requireSession: refuseLater,
    getSessionStatus: refuseLater,
    getProfile: refuseLater,
    signIn: refuseLater,
    connect: refuseLater,
    disconnect: refuseLater,
    restore: refuseLater,
    accountKeys: refuseLater,
    client: refuseLater,
    listAccounts: refuseLater,
    switchAccount: refuseLater,
    signOut: refuseLater,
    signOutEverywhere: refuseLater,
    listDevices: refuseLater,
    revokeDevice: refuseLater,
  }
}
