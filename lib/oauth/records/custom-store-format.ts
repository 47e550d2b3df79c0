/**
 * Sessions and sign-ins under way in an application's own stores: the shape that the official Node client gives to
 * `sessionStore` and `stateStore`, plus `details` that this client needs. Plain JSON, both ways.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import type { DpopJwk } from '../../crypto/keyset.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { type Did, isDid } from '../../identity/syntax.ts'
import type { StoredSession } from './records-contract.ts'
import {
  decodeSession,
  encodedSessionSchema,
  encodeSession,
  type RefreshMarker,
  type RefreshRefusals,
  type SessionAccount,
  type SessionLifecycle,
  type SessionTokenSet,
} from './session-row.ts'
import { decodeState, encodedStateSchema, encodeState, type StateRow } from './state-row.ts'

/** How the client authenticated when the session began; every later request has to do the same. */
export type ClientAuthMethod =
  | { readonly method: 'none' }
  | { readonly method: 'private_key_jwt'; readonly kid: string }

export interface TokenSet {
  /** The authorization server. */
  readonly iss: string
  readonly sub: Did
  /** Origin of the account's PDS. */
  readonly aud: string
  readonly scope: string
  readonly access_token: string
  readonly refresh_token?: string | undefined
  readonly token_type: 'DPoP'
  /** ISO 8601; absent when the server did not say. */
  readonly expires_at?: string | undefined
}

/** A session as a `sessionStore` gets it. It holds secrets: store it encrypted, and log none of it. */
export interface Session {
  readonly dpopJwk: DpopJwk
  readonly authMethod: ClientAuthMethod
  readonly tokenSet: TokenSet
  /** What this client keeps in addition. */
  readonly details: SessionDetails
}

/** A sign-in under way as a `stateStore` gets it. It holds secrets: store it encrypted, and log none of it. */
export interface InternalStateData {
  readonly iss: string
  readonly dpopJwk: DpopJwk
  readonly authMethod: ClientAuthMethod
  readonly verifier: string
  readonly appState?: string | undefined
  readonly details: StateDetails
}

/** The stored fields of a session that have no place in the official shape. */
export interface SessionDetails
  extends Omit<AuthorizationServer, 'issuer' | 'revocationEndpoint'>,
    Pick<SessionTokenSet, 'issuedAt' | 'rotation'>,
    Pick<SessionLifecycle, 'createdAt' | 'lastUsedAt'>,
    Pick<SessionAccount, 'verifiedAt'> {
  readonly revocationEndpoint?: string | undefined
  /** The refresh marker. */
  readonly intent?: RefreshMarker | undefined
  /** The refusals of the refresh token. */
  readonly refusals?: RefreshRefusals | undefined
  readonly replacedAt?: number | undefined
  readonly label?: string | undefined
  readonly generation: number
}

/** The same of a sign-in under way. */
export interface StateDetails extends Omit<AuthorizationServer, 'issuer' | 'revocationEndpoint'> {
  readonly revocationEndpoint?: string | undefined
  readonly did?: Did | undefined
  readonly pds?: string | undefined
  readonly redirectUri: string
  readonly scope: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** A store of an application may hold anything. An address that is none would fail at each use, with an error of no type. */
const address = z.string().refine((text) => URL.canParse(text))
const endpoints = {
  authorizationEndpoint: address,
  tokenEndpoint: address,
  parEndpoint: address,
  revocationEndpoint: address.optional(),
}

const detailsSchema = encodedSessionSchema
  .omit({
    version: true,
    did: true,
    issuer: true,
    pds: true,
    scope: true,
    accessToken: true,
    refreshToken: true,
    expiresAt: true,
    dpopJwk: true,
    clientKeyId: true,
    status: true,
  })
  .extend({ ...endpoints, generation: z.number() })
const stateDetailsSchema = encodedStateSchema
  .omit({
    version: true,
    issuer: true,
    codeVerifier: true,
    dpopJwk: true,
    clientKeyId: true,
    appState: true,
  })
  .extend(endpoints)

const did = z.string().refine(isDid)
const authMethod = z.discriminatedUnion('method', [
  z.object({ method: z.literal('none') }),
  z.object({ method: z.literal('private_key_jwt'), kid: z.string() }),
])
const savedSessionSchema = z.object({
  dpopJwk: dpopJwkSchema,
  authMethod,
  tokenSet: z.object({
    iss: address,
    sub: did,
    aud: address,
    scope: z.string(),
    access_token: z.string(),
    refresh_token: z.string().optional(),
    expires_at: z.iso.datetime().optional(),
  }),
  details: detailsSchema,
})
const savedStateSchema = z.object({
  iss: address,
  dpopJwk: dpopJwkSchema,
  authMethod,
  verifier: z.string(),
  appState: z.string().optional(),
  details: stateDetailsSchema,
})

/** The session as a `sessionStore` is given it. */
export function toSession({ row, generation }: StoredSession): Session {
  const { version: _version, status: _status, ...stored } = encodeSession(row)
  const { did, issuer, pds, scope, accessToken, refreshToken, expiresAt, ...others } = stored
  const { dpopJwk, clientKeyId, ...details } = others
  return {
    dpopJwk,
    authMethod: toAuthMethod(clientKeyId),
    tokenSet: {
      iss: issuer,
      sub: did,
      aud: pds,
      scope,
      access_token: accessToken,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      token_type: 'DPoP',
      ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
    },
    details: { generation, ...details },
  }
}

/** The session that a `sessionStore` gave back; undefined when it is none of this client. */
export function fromSession(value: unknown): StoredSession | undefined {
  const parsed = savedSessionSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { tokenSet, dpopJwk, authMethod, details } = parsed.data
  const { generation, ...stored } = details
  const row = decodeSession({
    ...stored,
    version: 1,
    did: tokenSet.sub,
    issuer: tokenSet.iss,
    pds: tokenSet.aud,
    scope: tokenSet.scope,
    accessToken: tokenSet.access_token,
    refreshToken: tokenSet.refresh_token,
    expiresAt: tokenSet.expires_at === undefined ? undefined : Date.parse(tokenSet.expires_at),
    dpopJwk,
    clientKeyId: keyIdOf(authMethod),
    status: { kind: 'active' },
  })
  return { id: tokenSet.sub, row, generation }
}

/** The sign-in under way as a `stateStore` is given it. */
export function toStateData(row: StateRow): InternalStateData {
  const {
    version: _version,
    issuer,
    codeVerifier,
    dpopJwk,
    clientKeyId,
    appState,
    ...details
  } = encodeState(row)
  return {
    iss: issuer,
    dpopJwk,
    authMethod: toAuthMethod(clientKeyId),
    verifier: codeVerifier,
    ...(appState !== undefined && { appState }),
    details,
  }
}

/** The sign-in that a `stateStore` gave back; undefined when it is none of this client. */
export function fromStateData(value: unknown): StateRow | undefined {
  const parsed = savedStateSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { iss, verifier, dpopJwk, authMethod, appState, details } = parsed.data
  const clientKeyId = keyIdOf(authMethod)
  return decodeState({
    ...details,
    version: 1,
    issuer: iss,
    codeVerifier: verifier,
    dpopJwk,
    clientKeyId,
    appState,
  })
}

function toAuthMethod(clientKeyId: string | undefined): ClientAuthMethod {
  return clientKeyId === undefined ? { method: 'none' } : { method: 'private_key_jwt', kid: clientKeyId }
}

function keyIdOf(method: z.infer<typeof authMethod>): string | undefined {
  return method.method === 'private_key_jwt' ? method.kid : undefined
}
