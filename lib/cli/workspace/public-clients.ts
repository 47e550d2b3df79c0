/**
 * The OAuth clients of the command line. Both are public clients, because a program that anyone can install cannot keep
 * a client key secret. Only the client that began a session can refresh it, so the client is stored with the account.
 */
import { z } from 'zod'
import { ConfigurationError } from '../../errors.ts'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { fetchClientMetadata } from '../../oauth/client-metadata/fetch.ts'
import type { NetworkSettings } from './network-options.ts'

export const publicClientSchema = z.object({
  client_id: z.string(),
  application_type: z.enum(['web', 'native']),
  redirect_uris: z.tuple([z.string()], z.string()),
  scope: z.string(),
  token_endpoint_auth_method: z.literal('none'),
})

/** The client metadata that a session needs. */
export type PublicClient = z.infer<typeof publicClientSchema>

/**
 * The redirect URI on this machine. Without a port it stands for every port (RFC 8252 §7.3), so that each sign-in can
 * listen on a different port and still use the same client.
 */
export const LOOPBACK_REDIRECT = 'http://127.0.0.1/callback'

/**
 * Returns the loopback client. Its id contains all its metadata (atproto.com/specs/oauth, "Localhost Client
 * Development").
 *
 * @param redirectUri the redirect URI with the port of the listener
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
 * Fetches the metadata of a published public client.
 *
 * @throws ConfigurationError when it is not a public client; AtprotoAuthError as `OAuthClient.fetchMetadata`
 */
export async function publishedClient(
  clientId: string,
  { allowHttp, privateHosts, proxy }: NetworkSettings,
  signal: AbortSignal,
): Promise<PublicClient> {
  const fetch = createGuardedFetch({ localNetwork: allowHttp ? {} : undefined, privateHosts, proxy })
  const metadata = await fetchClientMetadata({ clientId, signal, allowLoopback: allowHttp }, fetch)
  const { token_endpoint_auth_method, redirect_uris, application_type, scope } = metadata
  if (token_endpoint_auth_method !== 'none') {
    throw new ConfigurationError(
      `${clientId} is a confidential client, and the command line does not have its keys. "npx next-atproto-auth static" writes a public client.`,
    )
  }
  const [first, ...rest] = redirect_uris
  return {
    client_id: metadata.client_id,
    redirect_uris: [first, ...rest],
    application_type,
    scope,
    token_endpoint_auth_method,
  }
}
