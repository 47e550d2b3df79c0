/**
 * The rows this client keeps: one for each sign-in under way, one for each session. They are sealed before
 * they reach a store, under keys that are hashes, so that a dump of the store shows nothing of use.
 */
import { z } from 'zod'
import { sha256 } from '../crypto/derive.ts'
import { parsePrivateJwk } from '../crypto/keyset.ts'
import type { Sealer } from '../crypto/seal.ts'
import { isDid } from '../identity/syntax.ts'
import type { Store } from '../store/contract.ts'

const did = z.string().refine(isDid)
const dpopJwk = z.unknown().transform(parsePrivateJwk)

const stateSchema = z.object({
  version: z.literal(1),
  /** Absent when the sign-in began with a server: only the issuer is pinned then. */
  did: did.optional(),
  issuer: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
  redirectUri: z.string(),
  scope: z.string(),
  codeVerifier: z.string(),
  dpopJwk,
  clientKeyId: z.string().optional(),
  /** What the application gave to `authorize`, handed back by `callback`. */
  appState: z.string().optional(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
})

const sessionSchema = z.object({
  version: z.literal(1),
  did,
  issuer: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
  pds: z.string(),
  scope: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** Epoch milliseconds at which the access token came, and at which it ends if the server said so. */
  issuedAt: z.number(),
  expiresAt: z.number().optional(),
  dpopJwk,
  clientKeyId: z.string().optional(),
  /** Epoch milliseconds of the sign-in, from which the session's absolute lifetime counts. */
  createdAt: z.number(),
  /** Epoch milliseconds at which DID, PDS and issuer were last seen to belong together. */
  verifiedAt: z.number(),
  status: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('active') }),
    z.object({
      kind: z.literal('reauth_required'),
      reason: z.enum(['revoked', 'account_moved', 'account_mismatch']),
    }),
  ]),
})

/** A sign-in under way: everything pinned at its start. */
export type StateRow = z.infer<typeof stateSchema>
/** A session: one account in one browser. */
export type SessionRow = z.infer<typeof sessionSchema>
/** Why a session needs a new sign-in although its row is kept. */
export type ReauthReason = Extract<SessionRow['status'], { kind: 'reauth_required' }>['reason']

/** A session as it was read, with its id and the generation that the next write must name. */
export interface StoredSession {
  readonly id: string
  readonly row: SessionRow
  readonly generation: number
}

export interface StateRecords {
  create(state: string, row: StateRow): Promise<void>
  /** The row, removed in the same step; undefined when it is unknown, used or expired. */
  take(state: string): Promise<StateRow | undefined>
}

export interface SessionRecords {
  create(id: string, row: SessionRow): Promise<StoredSession>
  read(id: string): Promise<StoredSession | undefined>
  /** The session as written; undefined when it changed meanwhile or was signed out. */
  update(session: StoredSession, row: SessionRow): Promise<StoredSession | undefined>
  /** The row, removed in the same step. */
  take(id: string): Promise<SessionRow | undefined>
  /** Name of the lease that guards the refresh of a session. */
  leaseKey(id: string): Promise<string>
}

export interface RecordsDeps {
  readonly store: Store
  readonly sealer: Sealer
  /** Bound into every row: a store shared by two clients mixes nothing up. */
  readonly clientId: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** The rows of sign-ins under way. */
export function createStateRecords({ store, sealer, clientId, now }: RecordsDeps): StateRecords {
  const context = (hash: string) => ['state', clientId, hash]
  return {
    async create(state, row) {
      const hash = await sha256(state)
      await store.set(`state:${hash}`, await sealer.seal(row, context(hash)), row.expiresAt - now())
    },
    async take(state) {
      const hash = await sha256(state)
      const sealed = await store.take(`state:${hash}`)
      const parsed = stateSchema.safeParse(sealed && (await sealer.open(sealed, context(hash))))
      return parsed.success && parsed.data.expiresAt > now() ? parsed.data : undefined
    },
  }
}

/** @param lifetimeMs how long a session lives from its sign-in, whatever happens */
export function createSessionRecords(deps: RecordsDeps & { readonly lifetimeMs: number }): SessionRecords {
  const { store, sealer, clientId, now, lifetimeMs } = deps
  const context = (hash: string) => ['session', clientId, hash]
  const seal = (row: SessionRow, hash: string) => sealer.seal(row, context(hash))
  const ttlMs = (row: SessionRow) => row.createdAt + lifetimeMs - now()
  return {
    async create(id, row) {
      const hash = await sha256(id)
      await store.set(`session:${hash}`, await seal(row, hash), ttlMs(row))
      return { id, row, generation: 1 }
    },
    async read(id) {
      const hash = await sha256(id)
      const stored = await store.get(`session:${hash}`)
      if (!stored) return undefined
      const parsed = sessionSchema.safeParse(await sealer.open(stored.value, context(hash)))
      if (!parsed.success || ttlMs(parsed.data) <= 0) return undefined
      return { id, row: parsed.data, generation: stored.generation }
    },
    async update({ id, generation }, row) {
      const hash = await sha256(id)
      const written = await store.update(`session:${hash}`, await seal(row, hash), generation, ttlMs(row))
      return written ? { id, row, generation: generation + 1 } : undefined
    },
    async take(id) {
      const hash = await sha256(id)
      const sealed = await store.take(`session:${hash}`)
      const parsed = sessionSchema.safeParse(sealed && (await sealer.open(sealed, context(hash))))
      return parsed.success ? parsed.data : undefined
    },
    async leaseKey(id) {
      return `refresh:${await sha256(id)}`
    },
  }
}
