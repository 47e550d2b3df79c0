/** Public entry `next-atproto-auth/oauth`: the client without Next, also for cron jobs and scripts. */
export { generatePrivateJwk, importKeyset, type Keyset, type PrivateJwk } from '../crypto/keyset.ts'
export * from '../errors.ts'
export type { Did, Handle } from '../identity/syntax.ts'
export type { Store, StoredValue } from '../store/contract.ts'
export type { Authorization, AuthorizeOptions } from './authorize.ts'
export { type LocalNetwork, OAuthClient, type OAuthClientOptions } from './client.ts'
export { buildClientMetadata, type ClientDescription, type ClientMetadata } from './client-metadata.ts'
export { OAuthSession } from './session.ts'
