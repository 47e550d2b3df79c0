/** Where the servers of a scripted home differ from the reference server; what is left out is as there. */
import type { Answer, RecordedRequest } from './scripted-server.ts'

export interface ServerTraits {
  /** Whether PDS and authorization server are on one origin and share their nonces. */
  readonly hasOneOrigin?: boolean
  /** Changes to the metadata of the authorization server; `undefined` removes a field. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Where nonces are sent and asked for. */
  readonly nonces?: 'always' | 'not at PAR' | 'never'
  /** How long a nonce is accepted, in milliseconds; without it, until the test changes the nonce. */
  readonly nonceLifetimeMs?: number
  /** Whether a proof without nonce is accepted. */
  readonly acceptsNoNonce?: boolean
  /** Whether a code is spent even if the nonce beside it is refused. */
  readonly spendsCodeFirst?: boolean
  /** The answer to a proof that is dated too far in the future, judged before its nonce. */
  readonly futureProof?: { readonly toleranceMs: number; readonly answer: Answer }
  /** Whether `htu` is compared with the whole URL, query included; then another nonce is asked for. */
  readonly comparesQuery?: boolean
  /** The answer to a pushed request that is not taken. */
  readonly refusePushed?: (request: RecordedRequest) => Answer | undefined
  /** The scope that is granted for the one that was asked for. */
  readonly grantedScope?: (asked: string) => string
  /** Where the browser is sent when the person declines. */
  readonly declinedLeadsTo?: 'callback' | 'client_uri'
  /** The answer to a refresh token that is not known any more. */
  readonly refusedRefreshToken?: Answer
  /** The answer to an access token that has ended. */
  readonly endedAccessToken?: Answer
  /** The answer to an access token that was replaced by a refresh, or whose session has ended. */
  readonly replacedAccessToken?: Answer
  /** The answer to a write for which that scope was not granted; without it, every write is accepted. */
  readonly missingPermission?: (scope: string) => Answer
  /** The challenge of the PDS with that error. */
  readonly challenge?: (error: string) => string
}

/** The challenge of the reference server, its parameters in the order there. */
export function referenceChallenge(error: string): string {
  return `DPoP algs="RS256 ES256", error="${error}", error_description="refused"`
}
