/** The client of a crowd's application, and its sessions as a sign-in would have stored them. */
import { generatePrivateJwk } from '../../../lib/crypto/keyset.ts'
import { buildClientMetadata } from '../../../lib/oauth/client-metadata/build.ts'
import type { OAuthClientOptions } from '../../../lib/oauth/client-options.ts'
import { createContext } from '../../../lib/oauth/create-context.ts'
import { newSessionRow } from '../../../lib/oauth/records/session-row.ts'
import type { Store } from '../../../lib/store/contract.ts'
import { memberOf, SCOPE, type Scenario, SECRET, tokensOf } from './scenario.ts'

export interface Origins {
  readonly directory: string
  readonly pds: string
  readonly issuer: string
}

const HOUR_MS = 3_600_000

export function clientOptions(store: Store, { directory }: Origins): OAuthClientOptions {
  return {
    clientMetadata: buildClientMetadata({
      publicUrl: 'http://127.0.0.1:3000',
      scope: SCOPE,
      metadataPath: '/oauth-client-metadata.json',
      jwksPath: '/oauth/jwks.json',
      callbackPath: '/oauth/callback',
    }),
    store,
    secrets: [SECRET],
    localNetwork: { plcDirectory: directory, handleResolver: directory },
  }
}

/** Stores the sessions of a crowd that begins at that time. */
export async function storeSessions(
  scenario: Scenario,
  { store, origins, startAt }: { readonly store: Store; readonly origins: Origins; readonly startAt: number },
): Promise<void> {
  const { sessions } = createContext(clientOptions(store, origins))
  const { pds, issuer } = origins
  for (let number = 0; number < scenario.sessions; number += 1) {
    const { id, did, tokenEndsAfterMs } = memberOf(number, scenario)
    const expiresAt = startAt + tokenEndsAfterMs
    const row = newSessionRow({
      did,
      pds,
      server: {
        issuer,
        authorizationEndpoint: `${issuer}/oauth/authorize`,
        tokenEndpoint: `${issuer}/oauth/token`,
        parEndpoint: `${issuer}/oauth/par`,
        revocationEndpoint: `${issuer}/oauth/revoke`,
      },
      tokens: { ...tokensOf(number, 0), scope: SCOPE, expiresAt },
      key: { dpopJwk: await generatePrivateJwk(), clientKeyId: undefined },
      now: expiresAt - HOUR_MS,
    })
    await sessions.create(id, row)
  }
}
