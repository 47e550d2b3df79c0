/**
 * Sessions and sign-ins under way as users of the official client know them: what its Node client gives to
 * `sessionStore` and `stateStore`, plus what this client keeps besides. Plain JSON, both ways.
 */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import type { DpopJwk } from '../../crypto/keyset.ts'
import { type Did, isDid } from '../../identity/syntax.ts'
import { type SessionRow, type StateRow, type StoredSession, sessionSchema, stateSchema } from './records.ts'

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
  /** What this client knows besides. */
  readonly details: SessionDetails
}

/** A sign-in under way as a `stateStore` gets it. It holds secrets as well. */
export interface InternalStateData {
  readonly iss: string
  readonly dpopJwk: DpopJwk
  readonly authMethod: ClientAuthMethod
  readonly verifier: string
  readonly appState?: string | undefined
  readonly details: StateDetails
}

const detailsSchema = sessionSchema
  .pick({
    authorizationEndpoint: true,
    tokenEndpoint: true,
    parEndpoint: true,
    revocationEndpoint: true,
    issuedAt: true,
    rotation: true,
    intent: true,
    createdAt: true,
    lastUsedAt: true,
    verifiedAt: true,
    label: true,
  })
  .extend({ generation: z.number() })
const stateDetailsSchema = stateSchema.omit({
  version: true,
  issuer: true,
  codeVerifier: true,
  dpopJwk: true,
  clientKeyId: true,
  appState: true,
})
export type SessionDetails = z.infer<typeof detailsSchema>
export type StateDetails = z.infer<typeof stateDetailsSchema>

const did = z.string().refine(isDid)
const authMethod = z.discriminatedUnion('method', [
  z.object({ method: z.literal('none') }),
  z.object({ method: z.literal('private_key_jwt'), kid: z.string() }),
])
const savedSessionSchema = z.object({
  dpopJwk: dpopJwkSchema,
  authMethod,
  tokenSet: z.object({
    iss: z.string(),
    sub: did,
    aud: z.string(),
    scope: z.string(),
    access_token: z.string(),
    refresh_token: z.string().optional(),
    expires_at: z.iso.datetime().optional(),
  }),
  details: detailsSchema,
})
const savedStateSchema = z.object({
  iss: z.string(),
  dpopJwk: dpopJwkSchema,
  authMethod,
  verifier: z.string(),
  appState: z.string().optional(),
  details: stateDetailsSchema,
})

/** What a `sessionStore` is given. */
export function toSession({ row, generation }: StoredSession): Session {
  const { authorizationEndpoint, tokenEndpoint, parEndpoint, revocationEndpoint } = row
  const { issuedAt, rotation, intent, createdAt, lastUsedAt, verifiedAt, label } = row
  return {
    dpopJwk: row.dpopJwk,
    authMethod: toAuthMethod(row.clientKeyId),
    tokenSet: {
      iss: row.issuer,
      sub: row.did,
      aud: row.pds,
      scope: row.scope,
      access_token: row.accessToken,
      ...(row.refreshToken !== undefined && { refresh_token: row.refreshToken }),
      token_type: 'DPoP',
      ...(row.expiresAt !== undefined && { expires_at: new Date(row.expiresAt).toISOString() }),
    },
    details: {
      ...{ generation, issuedAt, rotation, createdAt, lastUsedAt, verifiedAt },
      ...(intent !== undefined && { intent }),
      ...(label !== undefined && { label }),
      ...{ authorizationEndpoint, tokenEndpoint, parEndpoint },
      ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    },
  }
}

/** What a `sessionStore` gave back; undefined when it is no session of this client. */
export function fromSession(value: unknown): StoredSession | undefined {
  const parsed = savedSessionSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { tokenSet, dpopJwk, authMethod, details } = parsed.data
  const { generation, ...known } = details
  const row: SessionRow = {
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
    ...known,
  }
  return { id: row.did, row, generation }
}

/** What a `stateStore` is given. */
export function toStateData(row: StateRow): InternalStateData {
  const { version: _, issuer, codeVerifier, dpopJwk, clientKeyId, appState, ...details } = row
  return {
    iss: issuer,
    dpopJwk,
    authMethod: toAuthMethod(clientKeyId),
    verifier: codeVerifier,
    ...(appState !== undefined && { appState }),
    details,
  }
}

/** What a `stateStore` gave back; undefined when it is no sign-in of this client. */
export function fromStateData(value: unknown): StateRow | undefined {
  const parsed = savedStateSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { iss, verifier, dpopJwk, authMethod, appState, details } = parsed.data
  const clientKeyId = keyIdOf(authMethod)
  return { ...details, version: 1, issuer: iss, codeVerifier: verifier, dpopJwk, clientKeyId, appState }
}

function toAuthMethod(clientKeyId: string | undefined): ClientAuthMethod {
  return clientKeyId === undefined ? { method: 'none' } : { method: 'private_key_jwt', kid: clientKeyId }
}

function keyIdOf(method: z.infer<typeof authMethod>): string | undefined {
  return method.method === 'private_key_jwt' ? method.kid : undefined
}
