/**
 * The clients that the command line signs in as. Both are public: whoever has this program has all that it knows.
 * A session can only be renewed as the client that began it, so the client is kept with the account.
 */
import { z } from 'zod'
import { ConfigurationError } from '../../errors.ts'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { fetchClientMetadata } from '../../oauth/client-metadata/fetch.ts'
import type { NetworkSettings } from './network-settings.ts'

export const publicClientSchema = z.object({
  client_id: z.string(),
  application_type: z.enum(['web', 'native']),
  redirect_uris: z.tuple([z.string()], z.string()),
  scope: z.string(),
  token_endpoint_auth_method: z.literal('none'),
})

/** What of a client's metadata its sessions need. */
export type PublicClient = z.infer<typeof publicClientSchema>

/**
 * Where the browser comes back to on this machine. Declared without a port, it stands for every port
 * (RFC 8252 §7.3), so that each sign-in may listen on another one and the client stays the same.
 */
export const LOOPBACK_REDIRECT = 'http://127.0.0.1/callback'

/**
 * The loopback client, whose id declares all that it is (atproto.com/specs/oauth, "Localhost Client Development").
 *
 * @param redirectUri with the port that somebody listens on
 */
export function loopbackClient(scope: string, redirectUri: string = LOOPBACK_REDIRECT): PublicClient {
  return {
    client_id: `http://localhost?${new URLSearchParams({ redirect_uri: LOOPBACK_REDIRECT, scope })}`,
    application_type: 'native',
    redirect_uris: [redirectUri],
    scope,
    token_endpoint_auth_method: 'none',
  }
}

/**
 * A public client with metadata of its own, as it is published now.
 *
 * @throws ConfigurationError when it is no public client; AtprotoAuthError as `OAuthClient.fetchMetadata`
 */
export async function publishedClient(
  clientId: string,
  { allowHttp }: NetworkSettings,
  signal: AbortSignal,
): Promise<PublicClient> {
  const fetch = createGuardedFetch({ localNetwork: allowHttp ? {} : undefined })
  const metadata = await fetchClientMetadata({ clientId, signal, allowLoopback: allowHttp }, fetch)
  const { token_endpoint_auth_method, redirect_uris, application_type, scope } = metadata
  if (token_endpoint_auth_method !== 'none') {
    throw new ConfigurationError(
      `${clientId} is a confidential client, and its keys are not here. "next-atproto-auth static" writes a public one.`,
    )
  }
  const [first, ...rest] = redirect_uris
  return {
    client_id: metadata.client_id,
    redirect_uris: [first, ...rest],
    ...{ application_type, scope, token_endpoint_auth_method },
  }
}
