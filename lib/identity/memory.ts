/**
 * What look-ups of identities remember, for all clients of a process alike. The specification allows ten minutes
 * in authorization flows (atproto.com/specs/oauth, "Identity Authentication"); this keeps less.
 */
import { createHostBudget, type HostBudget } from './budget.ts'
import { type Cache, createCache } from './cache.ts'
import type { DidDocument } from './did.ts'
import type { ServerMetadata } from './discovery.ts'
import type { Did } from './syntax.ts'

export interface IdentityMemory {
  readonly handles: Cache<Did>
  readonly documents: Cache<DidDocument>
  /** The issuer that a PDS names. */
  readonly issuers: Cache<string>
  readonly servers: Cache<ServerMetadata>
  readonly hosts: HostBudget
}

const IDENTITY_MS = 5 * 60_000
const METADATA_MS = 60_000

export function createIdentityMemory(): IdentityMemory {
  return {
    handles: createCache(IDENTITY_MS),
    documents: createCache(IDENTITY_MS),
    issuers: createCache(METADATA_MS),
    servers: createCache(METADATA_MS),
    hosts: createHostBudget(),
  }
}
