/**
 * A session: one account in one browser. In memory it is nested, so that steps pass wholes; what is stored is flat and keeps
 * its field names for good, because other versions of this library read the same rows.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import type { DpopJwk } from '../../crypto/keyset.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { type Did, isDid } from '../../identity/syntax.ts'

export interface SessionRow {
  readonly account: SessionAccount
  /** The authorization server as it was at sign-in. */
  readonly server: AuthorizationServer
  readonly tokens: SessionTokenSet
  readonly key: SessionKey
  readonly lifecycle: SessionLifecycle
}

export interface SessionAccount {
  readonly did: Did
  /** Origin of the PDS. */
  readonly pds: string
  /** Epoch milliseconds at which DID, PDS and issuer were last seen to belong together. */
  readonly verifiedAt: number
}

export interface SessionTokenSet {
  /** What was granted, space-separated. */
  readonly scope: string
  /** Empty in a session that needs a new sign-in. */
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** Epoch milliseconds at which the access token was issued. */
  readonly issuedAt: number
  /** Epoch milliseconds at which the access token ends; undefined when the server did not say. */
  readonly expiresAt: number | undefined
  /** How often the tokens were refreshed: rows of one sign-in with the same number hold the same tokens. */
  readonly rotation: number
}

/** The keys that every request of a session is signed with. */
export interface SessionKey {
  readonly dpopJwk: DpopJwk
  /** The client key the sign-in began with; undefined for a public client. */
  readonly clientKeyId: string | undefined
}

export interface SessionLifecycle {
  /** Epoch milliseconds of the sign-in, from which the session's absolute lifetime counts. */
  readonly createdAt: number
  /** Epoch milliseconds of its last use, to within a day, from which its idle lifetime counts. */
  readonly lastUsedAt: number
  /** What the user knows the browser or device by. */
  readonly label: string | undefined
  readonly status: SessionRowStatus
  readonly refreshMarker: RefreshMarker | undefined
  readonly refreshRefusals?: RefreshRefusals | undefined
  /** Epoch milliseconds of the last refresh that the PDS caused, by refusing a token that had not ended. */
  readonly replacedAt?: number | undefined
}

/** Written before a refresh token is sent. While it is there, nothing is known of whether that token was spent. */
export interface RefreshMarker {
  /** Epoch milliseconds until which its writer may still be waiting for the answer. */
  readonly until: number
  /** Random, so that its writer recognises it; absent in rows of older versions. */
  readonly by?: string | undefined
}

/** How often a server refused a refresh token in words that may mean the end of the session. */
export interface RefreshRefusals {
  /** That of the tokens. */
  readonly rotation: number
  /** Epoch milliseconds of the first. */
  readonly since: number
  readonly times: number
}

const reauthReasons = ['revoked', 'account_moved', 'account_mismatch'] as const

/** Why a session needs a new sign-in although its row is kept, as it is stored. */
export type StoredReauthReason = (typeof reauthReasons)[number]

/**
 * Why an account has to sign in again: its server refused the refresh token (`revoked`), it moved to another server
 * (`account_moved`), its server sent tokens of another account (`account_mismatch`), or, only in development, the
 * application's scope has changed (`scope_changed`), which makes another client.
 */
export type ReauthReason = StoredReauthReason | 'scope_changed'

export type SessionRowStatus =
  | { readonly kind: 'active' }
  | { readonly kind: 'reauth_required'; readonly reason: StoredReauthReason }

/** What a new session begins with. */
export interface NewSession {
  readonly did: Did
  /** Origin of the PDS. */
  readonly pds: string
  readonly server: AuthorizationServer
  readonly tokens: Pick<SessionTokenSet, 'scope' | 'accessToken' | 'refreshToken' | 'expiresAt'>
  readonly key: SessionKey
  readonly label?: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** A session as it begins: active, its issuer just verified, its tokens just issued. */
export function newSessionRow({ did, pds, server, tokens, key, label, now }: NewSession): SessionRow {
  return {
    account: { did, pds, verifiedAt: now },
    server,
    tokens: { ...tokens, issuedAt: now, rotation: 0 },
    key,
    lifecycle: {
      createdAt: now,
      lastUsedAt: now,
      label,
      status: { kind: 'active' },
      refreshMarker: undefined,
    },
  }
}

/** The fields of an authorization server, as every row stores them. @internal */
export const encodedServer = {
  issuer: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  parEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
}

/** A session as it is stored. A field's name here is never changed. @internal */
export const encodedSessionSchema = z.object({
  version: z.literal(1),
  did: z.string().refine(isDid),
  ...encodedServer,
  pds: z.string(),
  scope: z.string(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  issuedAt: z.number(),
  expiresAt: z.number().optional(),
  rotation: z.number(),
  /** The refresh marker. */
  intent: z.object({ until: z.number(), by: z.string().optional() }).optional(),
  /** The refusals of the refresh token. */
  refusals: z.object({ rotation: z.number(), since: z.number(), times: z.number() }).optional(),
  replacedAt: z.number().optional(),
  dpopJwk: dpopJwkSchema,
  clientKeyId: z.string().optional(),
  createdAt: z.number(),
  lastUsedAt: z.number(),
  verifiedAt: z.number(),
  label: z.string().optional(),
  status: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('active') }),
    z.object({ kind: z.literal('reauth_required'), reason: z.enum(reauthReasons) }),
  ]),
})
/** @internal */
export type EncodedSession = z.infer<typeof encodedSessionSchema>

/** The session as it is stored. No part of it is one of the row, which other requests may share. @internal */
export function encodeSession({ account, server, tokens, key, lifecycle }: SessionRow): EncodedSession {
  const { revocationEndpoint, ...endpoints } = server
  const { refreshToken, expiresAt, ...otherTokens } = tokens
  const { clientKeyId, dpopJwk } = key
  const { label, status, refreshMarker, refreshRefusals, replacedAt, ...times } = lifecycle
  return {
    version: 1,
    ...account,
    ...endpoints,
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...otherTokens,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresAt !== undefined && { expiresAt }),
    dpopJwk: { ...dpopJwk },
    ...(clientKeyId !== undefined && { clientKeyId }),
    ...times,
    status: { ...status },
    ...(label !== undefined && { label }),
    ...(refreshMarker !== undefined && { intent: { ...refreshMarker } }),
    ...(refreshRefusals !== undefined && { refusals: { ...refreshRefusals } }),
    ...(replacedAt !== undefined && { replacedAt }),
  }
}

/** The session of stored fields that the schema has accepted. @internal */
export function decodeSession(stored: EncodedSession): SessionRow {
  return {
    account: { did: stored.did, pds: stored.pds, verifiedAt: stored.verifiedAt },
    server: decodeServer(stored),
    tokens: {
      scope: stored.scope,
      accessToken: stored.accessToken,
      refreshToken: stored.refreshToken,
      issuedAt: stored.issuedAt,
      expiresAt: stored.expiresAt,
      rotation: stored.rotation,
    },
    key: { dpopJwk: stored.dpopJwk, clientKeyId: stored.clientKeyId },
    lifecycle: {
      createdAt: stored.createdAt,
      lastUsedAt: stored.lastUsedAt,
      label: stored.label,
      status: stored.status,
      refreshMarker: stored.intent,
      refreshRefusals: stored.refusals,
      replacedAt: stored.replacedAt,
    },
  }
}

/** The authorization server among stored fields. @internal */
export function decodeServer(stored: Pick<EncodedSession, keyof typeof encodedServer>): AuthorizationServer {
  return {
    issuer: stored.issuer,
    authorizationEndpoint: stored.authorizationEndpoint,
    tokenEndpoint: stored.tokenEndpoint,
    parEndpoint: stored.parEndpoint,
    revocationEndpoint: stored.revocationEndpoint,
  }
}

/**
 * Whether two rows are of one sign-in, by its DPoP key. In a store of this library the id says so as well; in an
 * application's own store a new sign-in of an account takes the place of the last and counts from the start again.
 */
export function isSameSignIn(a: SessionRow, b: SessionRow): boolean {
  return a.key.dpopJwk.x === b.key.dpopJwk.x
}

/** Whether a row that was read after another holds other tokens: refreshed ones, or those of a new sign-in. */
export function hasOtherTokens(row: SessionRow, seen: SessionRow): boolean {
  return !isSameSignIn(row, seen) || row.tokens.rotation > seen.tokens.rotation
}
