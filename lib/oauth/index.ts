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
export type { HandleResolver, HandleResolverOption } from '../identity/handle-resolver.ts'
export type { Did, Handle } from '../identity/syntax.ts'
export type { ResolveTxt } from '../net/dns.ts'
export { createDohResolveTxt } from '../net/doh.ts'
export type { Store, StoredValue } from '../store/contract.ts'
export type { Authorization } from './authorize.ts'
export type { AuthorizeOptions, Display, Prompt, ResponseMode } from './authorize-options.ts'
export type { CallbackOptions } from './callback.ts'
export { type FetchMetadataOptions, OAuthClient, type SessionChoice } from './client.ts'
export { buildClientMetadata, type ClientDescription, type ClientMetadata } from './client-metadata.ts'
export type {
  CommonOptions,
  GivenStoreOptions,
  LocalNetwork,
  OAuthClientOptions,
  RuntimeImplementation,
  StoreOptions,
} from './client-options.ts'
export type { SessionFilter, SessionSummary } from './devices.ts'
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
export type { ClientMetadataInput } from './given-metadata.ts'
export type { SessionStore, SimpleStore, StateStore } from './given-records.ts'
export { type RuntimeLock, requestLocalLock } from './local-lock.ts'
export { type PassThroughOptions, passThrough } from './pass-through.ts'
export type { ProxiedSession } from './proxied-session.ts'
export { type RefreshedTokens, type RefreshTokensOptions, refreshTokens } from './refresh-tokens.ts'
export { compareScopes, missingScopes, type ScopeComparison, scopeAllows } from './scope.ts'
export { lintScope } from './scope-lint.ts'
export type { ScriptOptions } from './script-request.ts'
export type { ServiceTokenOptions } from './service-auth.ts'
export { OAuthSession, type ServerMetadata } from './session.ts'
export type { SessionEnd, SessionEventListener, SessionEventMap, SessionUpdate } from './session-events.ts'
export type { ClientAuthMethod, InternalStateData, Session, TokenSet } from './session-shapes.ts'
export type { TokenInfo } from './session-tokens.ts'
export type { StandardSchema } from './standard-schema.ts'
export type { XrpcProcedureOptions, XrpcQueryOptions } from './xrpc.ts'
export type { XrpcResult } from './xrpc-answer.ts'
export { RateLimitError, ScopeMissingError, XrpcError } from './xrpc-error.ts'
