/**
 * The rows this client keeps: one for each sign-in under way, one for each session; and what the walk asks of
 * whoever keeps them: `sealed-records.ts` on a store of this library, `given-records.ts` on an application's own.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import { type Did, isDid } from '../../identity/syntax.ts'

const did = z.string().refine(isDid)
/** The authorization server as it was when the sign-in began. */
const server = {
  issuer: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  parEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
}

export const stateSchema = z.object({
  version: z.literal(1),
  /** Absent when the sign-in began with a server: only the issuer is pinned then. */
  did: did.optional(),
  /** Where the account was at home then, to be asked first at the callback. */
  pds: z.string().optional(),
  ...server,
  redirectUri: z.string(),
  scope: z.string(),
  codeVerifier: z.string(),
  dpopJwk: dpopJwkSchema,
  clientKeyId: z.string().optional(),
  /** What the application gave to `authorize`, handed back by `callback`. */
  appState: z.string().optional(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
})

export const sessionSchema = z.object({
  version: z.literal(1),
  did,
  ...server,
  pds: z.string(),
  scope: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** Epoch milliseconds at which the access token came, and at which it ends if the server said so. */
  issuedAt: z.number(),
  expiresAt: z.number().optional(),
  /** How often the tokens were renewed: rows of the same number hold the same tokens. */
  rotation: z.number(),
  /** Written before a refresh token is sent; while it is there, nobody knows whether that token was spent. */
  intent: z
    .object({
      /** Epoch milliseconds until which the one who wrote it may still be waiting for the answer. */
      until: z.number(),
      /** Random: who wrote it knows it again. */
      by: z.string().optional(),
    })
    .optional(),
  dpopJwk: dpopJwkSchema,
  clientKeyId: z.string().optional(),
  /** Epoch milliseconds of the sign-in, from which the session's absolute lifetime counts. */
  createdAt: z.number(),
  /** Epoch milliseconds of its last use, to within a day, from which its idle lifetime counts. */
  lastUsedAt: z.number(),
  /** Epoch milliseconds at which DID, PDS and issuer were last seen to belong together. */
  verifiedAt: z.number(),
  /** What the person knows the browser or device by. */
  label: z.string().optional(),
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

/** A session just stored. */
export interface CreatedSession extends StoredSession {
  /** One of the account's that had to give way, its tokens still alive. */
  readonly replaced?: SessionRow | undefined
}

/**
 * Whether two rows are of one sign-in, by its DPoP key. An id says so in a store of this library only: in an
 * application's own, a new sign-in of an account takes the place of the last, and counts from the start again.
 */
export function isSameSignIn(a: SessionRow, b: SessionRow): boolean {
  return a.dpopJwk.x === b.dpopJwk.x
}

/** Whether a row that was read after another holds other tokens: renewed ones, or those of a new sign-in. */
export function hasOtherTokens(row: SessionRow, seen: SessionRow): boolean {
  return !isSameSignIn(row, seen) || row.rotation > seen.rotation
}

export interface StateRecords {
  create(state: string, row: StateRow): Promise<void>
  /** The row, removed in the same step; undefined when it is unknown, used or expired. */
  take(state: string): Promise<StateRow | undefined>
}

export interface SessionRecords {
  /** Whether an update is one step for all processes. Where it is not, only who has the refresh lock may make one. */
  readonly isAtomic: boolean
  create(id: string, row: SessionRow): Promise<CreatedSession>
  read(id: string): Promise<StoredSession | undefined>
  /** Every session of an account, in no order. */
  list(did: Did): Promise<readonly StoredSession[]>
  /** The session as written; undefined when it changed meanwhile or was signed out. */
  update(session: StoredSession, row: SessionRow): Promise<StoredSession | undefined>
  /** The row, removed in the same step. */
  take(id: string): Promise<SessionRow | undefined>
}
