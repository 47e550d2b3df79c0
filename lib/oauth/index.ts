/** Public entry `next-atproto-auth/oauth`: the client without Next, also for cron jobs and scripts. */
export { JoseKey } from '../crypto/jose-key.ts'
export {
  type ClientKeyInput,
  createKeyset,
  type DpopJwk,
  generatePrivateJwk,
  importKeyset,
  type Keyset,
  type PrivateJwk,
  type PublicJwk,
  type SigningKey,
} from '../crypto/keyset.ts'
export * from '../errors.ts'
export type { HandleResolver, HandleResolverOption } from '../identity/configured-resolver.ts'
export type { PublicProfile } from '../identity/profile-cache.ts'
export type { Identity } from '../identity/resolve-account.ts'
export type { Did, Handle } from '../identity/syntax.ts'
export type { ResolveTxt } from '../net/dns.ts'
export { createDohResolveTxt, type DohOptions } from '../net/doh.ts'
export type { Store, StoredValue } from '../store/contract.ts'
export {
  type FetchMetadataOptions,
  OAuthClient,
  type ResolveIdentityOptions,
  type SessionChoice,
} from './client.ts'
export { buildClientMetadata, type ClientDescription, type ClientMetadata } from './client-metadata/build.ts'
export type { ClientMetadataInput } from './client-metadata/parse.ts'
export type {
  CommonOptions,
  GivenStoreOptions,
  LocalNetwork,
  OAuthClientOptions,
  RuntimeImplementation,
  StoreOptions,
} from './client-options.ts'
export type { ClientAuthMethod, InternalStateData, Session, TokenSet } from './records/custom-store-format.ts'
export type { SessionStore, SimpleStore, StateStore } from './records/custom-store-records.ts'
export { type RuntimeLock, requestLocalLock } from './records/local-lock.ts'
export type {
  SessionEnd,
  SessionEventListener,
  SessionEventMap,
  SessionUpdate,
} from './records/session-events.ts'
export type { SessionFilter, SessionSummary } from './records/session-summary.ts'
export type { StandardSchema } from './resource/standard-schema.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions } from './resource/xrpc.ts'
export type { XrpcResult } from './resource/xrpc-answer.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from './resource/xrpc-error.ts'
export { compareScopes, missingScopes, type ScopeComparison, scopeAllows } from './scope/compare.ts'
export { lintScope } from './scope/lint.ts'
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
} from './scripts/dpop-requests.ts'
export { type RefreshedTokens, type RefreshTokensOptions, refreshTokens } from './scripts/refresh-tokens.ts'
export type { ScriptOptions } from './scripts/script-network.ts'
export type { ProxiedSession } from './session/proxied-session.ts'
export type { ServiceTokenOptions } from './session/service-auth.ts'
export { OAuthSession, type ServerMetadata } from './session/session.ts'
export { type PassThroughOptions, passThrough } from './session/xrpc-proxy.ts'
export type { Authorization } from './sign-in/authorize.ts'
export type { AuthorizeOptions, Display, Prompt, ResponseMode } from './sign-in/authorize-options.ts'
export type { CallbackOptions } from './sign-in/callback.ts'
export type { TokenInfo } from './tokens/session-tokens.ts'
