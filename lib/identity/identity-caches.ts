/**
 * The identity caches that all clients of a process share. The specification allows an identity to be cached for ten
 * minutes in authorization flows (atproto.com/specs/oauth, "Identity Authentication"); these keep it for less.
 */

import { type Cache, createCache } from './cache.ts'
import type { ResourceMetadata, ServerMetadata } from './check-server-metadata.ts'
import { createProfileCache, type ProfileCache } from './profile-cache.ts'
import type { Identity } from './resolve-account.ts'
import type { DidDocument } from './resolve-did.ts'
import type { Did } from './syntax.ts'
import { createUnverifiedHostLimit, type UnverifiedHostLimit } from './unverified-host-limit.ts'

export interface IdentityCaches {
  readonly handles: Cache<Did>
  readonly documents: Cache<DidDocument>
  /** Results of a second look-up, by handle or DID: made when the cached handle and DID did not match. */
  readonly rechecks: Cache<Identity>
  /** Metadata of PDSes, which name their issuer. */
  readonly resources: Cache<ResourceMetadata>
  /** Metadata of authorization servers. */
  readonly servers: Cache<ServerMetadata>
  readonly profiles: ProfileCache
  readonly hostLimit: UnverifiedHostLimit
}

const IDENTITY_MS = 5 * 60_000
/** The same time for which a failed look-up is cached. */
const RECHECK_MS = 30_000
/** In addition to the five minutes of the shared cache, where there is one. */
const METADATA_MS = 60_000
/** Fewer than in the other caches, because each entry may hold a list of about 64 KiB. */
const MAX_SERVERS = 250

export function createIdentityCaches(): IdentityCaches {
  return {
    handles: createCache(IDENTITY_MS),
    documents: createCache(IDENTITY_MS),
    rechecks: createCache(RECHECK_MS),
    resources: createCache(METADATA_MS),
    servers: createCache(METADATA_MS, MAX_SERVERS),
    profiles: createProfileCache(),
    hostLimit: createUnverifiedHostLimit(),
  }
}
