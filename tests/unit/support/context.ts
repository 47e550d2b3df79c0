/** A client context on a memory store and a scripted fetch, for the steps of the walk that need one. */
import { importKeyset, type Keyset, type PrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import type { GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata.ts'
import type { ClientContext } from '../../../lib/oauth/context.ts'
import {
  createSessionRecords,
  createStateRecords,
  type SessionRow,
  type StateRow,
} from '../../../lib/oauth/records.ts'
import { createServerMemory } from '../../../lib/oauth/server-memory.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { ALICE } from './names.ts'

export const SECRET = 'a secret of the tests, 0123456789 abcdef'
export const NOW = Date.UTC(2026, 0, 1)
export const PDS = 'https://pds.host.dev'
export const ISSUER = 'https://as.host.dev'

export interface ContextOptions {
  readonly fetch?: GuardedFetch
  readonly store?: Store
  readonly keyset?: Keyset
  readonly publicUrl?: string
  readonly now?: () => number
}

export function createContext(options: ContextOptions = {}): ClientContext {
  const now = options.now ?? (() => NOW)
  const store = options.store ?? createMemoryStore({ now })
  const metadata = buildClientMetadata({
    publicUrl: options.publicUrl ?? 'http://127.0.0.1:3000',
    scope: 'atproto',
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
  const records = { store, clientId: metadata.client_id, now }
  return {
    metadata,
    keyset: options.keyset,
    identity: {
      fetch: options.fetch ?? (() => Promise.reject(new Error('no request was expected'))),
      resolveTxt: () => Promise.resolve([]),
      plcDirectory: 'https://plc.host.dev',
      allowLoopback: false,
    },
    store,
    states: createStateRecords({ ...records, sealer: createSealer([SECRET], 'state row') }),
    sessions: createSessionRecords({
      ...records,
      lifetimeMs: 14 * 24 * 60 * 60_000,
      sealer: createSealer([SECRET], 'session row'),
    }),
    servers: createServerMemory(),
    refreshes: new Map(),
    suspects: new Map(),
    now,
  }
}

/** A session as it is right after sign-in. */
export function sessionRow(dpopJwk: PrivateJwk, changes: Partial<SessionRow> = {}): SessionRow {
  return {
    version: 1,
    did: ALICE,
    issuer: ISSUER,
    tokenEndpoint: `${ISSUER}/token`,
    pds: PDS,
    scope: 'atproto',
    accessToken: 'access-token-canary',
    refreshToken: 'refresh-token-canary',
    issuedAt: NOW,
    expiresAt: NOW + 3_600_000,
    dpopJwk,
    createdAt: NOW,
    verifiedAt: NOW,
    status: { kind: 'active' },
    ...changes,
  }
}

/** A sign-in under way. */
export function stateRow(dpopJwk: PrivateJwk, changes: Partial<StateRow> = {}): StateRow {
  return {
    version: 1,
    did: ALICE,
    issuer: ISSUER,
    tokenEndpoint: `${ISSUER}/token`,
    redirectUri: 'http://127.0.0.1:3000/oauth/callback',
    scope: 'atproto',
    codeVerifier: 'verifier-canary',
    dpopJwk,
    appState: '/compose',
    expiresAt: NOW + 60_000,
    ...changes,
  }
}

export function keysetOf(jwk: PrivateJwk): Promise<Keyset> {
  return importKeyset(jwk)
}
