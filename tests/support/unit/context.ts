/** A client context on a memory store and a scripted fetch, for the steps of the walk that need one. */
import { createBlindIndex } from '../../../lib/crypto/blind-index.ts'
import { generatePrivateJwk, importKeyset, type Keyset, type PrivateJwk } from '../../../lib/crypto/keyset.ts'
import { createSealer } from '../../../lib/crypto/seal.ts'
import type { GuardedFetch } from '../../../lib/net/guarded-fetch.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata/build.ts'
import type { ClientContext } from '../../../lib/oauth/context.ts'
import { createOpenedRows, type OpenedRows } from '../../../lib/oauth/records/opened-rows.ts'
import { createSessionRecords, createStateRecords } from '../../../lib/oauth/records/sealed-records.ts'
import { createSessionEvents } from '../../../lib/oauth/records/session-events.ts'
import {
  decodeSession,
  type EncodedSession,
  type SessionRow,
} from '../../../lib/oauth/records/session-row.ts'
import { decodeState, type EncodedState, type StateRow } from '../../../lib/oauth/records/state-row.ts'
import { createServerState } from '../../../lib/oauth/server/server-state.ts'
import { createLeaseLock } from '../../../lib/oauth/tokens/refresh-lock.ts'
import { createTokenMemory } from '../../../lib/oauth/tokens/token-memory.ts'
import { noTrace } from '../../../lib/oauth/trace.ts'
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
  readonly secrets?: readonly string[]
  readonly publicUrl?: string
  readonly now?: () => number
  readonly idleMs?: number
  /** Default: none that another context knows. */
  readonly openedRows?: OpenedRows
  /** The scope of the client metadata; default `atproto`. */
  readonly declared?: string
}

export function createContext(options: ContextOptions = {}): ClientContext {
  const now = options.now ?? (() => NOW)
  const [secret = SECRET, ...older] = options.secrets ?? []
  const secrets = [secret, ...older] as const
  const store = options.store ?? createMemoryStore({ now })
  const metadata = buildClientMetadata({
    publicUrl: options.publicUrl ?? 'http://127.0.0.1:3000',
    scope: options.declared ?? 'atproto',
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
  const records = { store, clientId: metadata.client_id, now }
  const sessions = createSessionRecords({
    ...records,
    openedRows: options.openedRows ?? createOpenedRows(),
    lifetimeMs: 14 * 24 * 60 * 60_000,
    idleMs: options.idleMs ?? 14 * 24 * 60 * 60_000,
    sealer: createSealer(secrets, 'session row'),
    blindIndex: createBlindIndex(secrets, 'account index'),
  })
  return {
    metadata,
    trace: noTrace,
    recordUseMs: 24 * 60 * 60_000,
    keyset: options.keyset,
    identity: {
      fetch: options.fetch ?? (() => Promise.reject(new Error('no request was expected'))),
      resolveTxt: () => Promise.resolve([]),
      plcDirectory: 'https://plc.host.dev',
      allowLoopback: false,
    },
    states: createStateRecords({ ...records, sealer: createSealer(secrets, 'state row') }),
    sessions,
    refreshLock: createLeaseLock({ store, sessions }),
    events: createSessionEvents({}, () => {}),
    responseMode: undefined,
    tokenMemory: createTokenMemory(),
    waitUntil: () => {},
    warn: () => {},
    createDpopJwk: generatePrivateJwk,
    servers: createServerState(),
    now,
  }
}

/** A session as it is right after sign-in, with changes by the names of the stored fields. */
export function sessionRow(dpopJwk: PrivateJwk, changes: Partial<EncodedSession> = {}): SessionRow {
  return decodeSession({
    version: 1,
    did: ALICE,
    issuer: ISSUER,
    authorizationEndpoint: `${ISSUER}/authorize`,
    tokenEndpoint: `${ISSUER}/token`,
    parEndpoint: `${ISSUER}/par`,
    pds: PDS,
    scope: 'atproto',
    accessToken: 'access-token-canary',
    refreshToken: 'refresh-token-canary',
    issuedAt: NOW,
    expiresAt: NOW + 3_600_000,
    dpopJwk,
    rotation: 0,
    createdAt: NOW,
    lastUsedAt: NOW,
    verifiedAt: NOW,
    status: { kind: 'active' },
    ...changes,
  })
}

/** A sign-in under way, with changes by the names of the stored fields. */
export function stateRow(dpopJwk: PrivateJwk, changes: Partial<EncodedState> = {}): StateRow {
  return decodeState({
    version: 1,
    did: ALICE,
    issuer: ISSUER,
    authorizationEndpoint: `${ISSUER}/authorize`,
    tokenEndpoint: `${ISSUER}/token`,
    parEndpoint: `${ISSUER}/par`,
    redirectUri: 'http://127.0.0.1:3000/oauth/callback',
    scope: 'atproto',
    codeVerifier: 'verifier-canary',
    dpopJwk,
    appState: '/compose',
    expiresAt: NOW + 60_000,
    ...changes,
  })
}

export function keysetOf(jwk: PrivateJwk): Promise<Keyset> {
  return importKeyset(jwk)
}
