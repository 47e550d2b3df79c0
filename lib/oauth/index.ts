/** Public entry `next-atproto-auth/oauth`: the client without Next, also for cron jobs and scripts. */
export {
  generatePrivateJwk,
  importKeyset,
  type Keyset,
  type PrivateJwk,
  type PublicJwk,
  type SigningKey,
} from '../crypto/keyset.ts'
export * from '../errors.ts'
export type { HandleResolver, HandleResolverOption } from '../identity/handle-resolver.ts'
export type { Did, Handle } from '../identity/syntax.ts'
export type { ResolveTxt } from '../net/dns.ts'
export { createDohResolveTxt } from '../net/doh.ts'
export type { Store, StoredValue } from '../store/contract.ts'
export type { Authorization, AuthorizeOptions } from './authorize.ts'
export { type LocalNetwork, OAuthClient, type OAuthClientOptions } from './client.ts'
export { buildClientMetadata, type ClientDescription, type ClientMetadata } from './client-metadata.ts'
export {
  type DpopFormAnswer,
  type DpopGetAnswer,
  type DpopGetOptions,
  type DpopPostFormOptions,
  discoverTokenEndpoint,
  dpopGet,
  dpopPostForm,
  jwkToKey,
  publicJwk,
} from './dpop-helpers.ts'
export { type PassThroughOptions, passThrough } from './pass-through.ts'
export type { ProxiedSession } from './proxied-session.ts'
export { type RefreshedTokens, type RefreshTokensOptions, refreshTokens } from './refresh-tokens.ts'
export { compareScopes, missingScopes, type ScopeComparison, scopeAllows } from './scope.ts'
export { lintScope } from './scope-lint.ts'
export type { ScriptOptions } from './script-request.ts'
export type { ServiceTokenOptions } from './service-auth.ts'
export { OAuthSession } from './session.ts'
export type { TokenInfo } from './session-tokens.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions, XrpcResult } from './xrpc.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from './xrpc-error.ts'
