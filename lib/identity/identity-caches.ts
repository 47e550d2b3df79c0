/**
 * What look-ups of identities remember, for all clients of a process alike. The specification allows ten minutes
 * in authorization flows (atproto.com/specs/oauth, "Identity Authentication"); this keeps less.
 */

import { type Cache, createCache } from './cache.ts'
import type { DidDocument } from './did.ts'
import type { ResourceMetadata, ServerMetadata } from './discovery.ts'
import type { Identity } from './resolve.ts'
import type { Did } from './syntax.ts'
import { createHostBudget, type HostBudget } from './unverified-host-limit.ts'

export interface IdentityMemory {
  readonly handles: Cache<Did>
  readonly documents: Cache<DidDocument>
  /** By handles and DIDs for which what was remembered did not match. */
  readonly secondLooks: Cache<Identity>
  /** What a PDS says of itself, its issuer among it. */
  readonly resources: Cache<ResourceMetadata>
  readonly servers: Cache<ServerMetadata>
  readonly hosts: HostBudget
}

const IDENTITY_MS = 5 * 60_000
/** As long as a name that leads nowhere is not asked for again. */
const SECOND_LOOK_MS = 30_000
/** Beside the five minutes of the shelf, where there is one. */
const METADATA_MS = 60_000
/** Fewer than of the rest: each may hold a list of some 64 KiB. */
const MAX_SERVERS = 250

export function createIdentityMemory(): IdentityMemory {
  return {
    handles: createCache(IDENTITY_MS),
    documents: createCache(IDENTITY_MS),
    secondLooks: createCache(SECOND_LOOK_MS),
    resources: createCache(METADATA_MS),
    servers: createCache(METADATA_MS, MAX_SERVERS),
    hosts: createHostBudget(),
  }
}
