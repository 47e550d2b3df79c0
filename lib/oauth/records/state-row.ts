/** A sign-in under way: everything that is pinned at its start, kept until the browser comes back. */
import { z } from 'zod'
import { dpopJwkSchema } from '../../crypto/jwk.ts'
import type { AuthorizationServer } from '../../identity/authorization-server.ts'
import { type Did, isDid } from '../../identity/syntax.ts'
import { decodeServer, encodedServer, type SessionKey } from './session-row.ts'

export interface StateRow {
  /** Undefined when the sign-in began with the address of a server: only the issuer is pinned then. */
  readonly account: StateAccount | undefined
  readonly server: AuthorizationServer
  readonly key: SessionKey
  readonly request: StateRequest
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface StateAccount {
  readonly did: Did
  /** Origin of the PDS at the start, which is asked first at the callback. */
  readonly pds: string | undefined
}

/** What was asked of the authorization server, and what the application wants back. */
export interface StateRequest {
  readonly redirectUri: string
  readonly scope: string
  /** The PKCE code verifier (RFC 7636 §4.1). */
  readonly codeVerifier: string
  /** What the application gave to `authorize`, handed back by `callback`. */
  readonly appState: string | undefined
}

/** A sign-in under way as it is stored. A field's name here is never changed. @internal */
export const encodedStateSchema = z.object({
  version: z.literal(1),
  did: z.string().refine(isDid).optional(),
  pds: z.string().optional(),
  ...encodedServer,
  redirectUri: z.string(),
  scope: z.string(),
  codeVerifier: z.string(),
  dpopJwk: dpopJwkSchema,
  clientKeyId: z.string().optional(),
  appState: z.string().optional(),
  expiresAt: z.number(),
})
/** @internal */
export type EncodedState = z.infer<typeof encodedStateSchema>

/** The sign-in as it is stored. @internal */
export function encodeState({ account, server, key, request, expiresAt }: StateRow): EncodedState {
  const { revocationEndpoint, ...endpoints } = server
  const { appState, ...asked } = request
  return {
    version: 1,
    ...(account && { did: account.did }),
    ...(account?.pds !== undefined && { pds: account.pds }),
    ...endpoints,
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    ...asked,
    ...(appState !== undefined && { appState }),
    dpopJwk: key.dpopJwk,
    ...(key.clientKeyId !== undefined && { clientKeyId: key.clientKeyId }),
    expiresAt,
  }
}

/** The sign-in of stored fields that the schema has accepted. @internal */
export function decodeState(stored: EncodedState): StateRow {
  const { did, pds, redirectUri, scope, codeVerifier, appState } = stored
  return {
    account: did === undefined ? undefined : { did, pds },
    server: decodeServer(stored),
    key: { dpopJwk: stored.dpopJwk, clientKeyId: stored.clientKeyId },
    request: { redirectUri, scope, codeVerifier, appState },
    expiresAt: stored.expiresAt,
  }
}
