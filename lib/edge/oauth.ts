/** Stands in for the entry `next-atproto-auth/oauth` on the edge: what needs no Node.js works, the rest says so. */
import { refuse, refuseLater, refusingClass } from './refuse.ts'

export * from '../errors.ts'
export { requestLocalLock } from '../oauth/records/local-lock.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from '../oauth/resource/xrpc-error.ts'
export { compareScopes, missingScopes, scopeAllows } from '../oauth/scope/compare.ts'
export { lintScope } from '../oauth/scope/lint.ts'
export { passThrough } from '../oauth/session/xrpc-proxy.ts'
export {
  refuse as buildClientMetadata,
  refuse as createKeyset,
  refuse as publicJwk,
  refuseLater as discoverTokenEndpoint,
  refuseLater as dpopGet,
  refuseLater as dpopPostForm,
  refuseLater as generatePrivateJwk,
  refuseLater as importKeyset,
  refuseLater as jwkToKey,
  refuseLater as refreshTokens,
}

/** Returns a resolver that rejects with a TypeError: applications create theirs beside their options. */
export const createDohResolveTxt = () => refuseLater
/** Throws a TypeError that says what to do. */
export const JoseKey = refusingClass()
/** Throws a TypeError that says what to do. */
export const OAuthClient = refusingClass()
/** Throws a TypeError that says what to do. */
export const OAuthSession = refusingClass()
