/** A loopback client on the local network, and a sign-in with it, for integration tests. */
import {
  type AuthorizeOptions,
  buildClientMetadata,
  type CommonOptions,
  OAuthClient,
  type OAuthSession,
  type StoreOptions,
} from '../../lib/oauth/index.ts'
import { createMemoryStore } from '../../lib/store/memory.ts'
import type { LocalNetwork } from './network/network.ts'
import { approve, type Credentials } from './person.ts'

export type StoreClientOptions = CommonOptions & StoreOptions

export const SECRET = 'a secret of the tests, 0123456789 abcdef'
export const SCOPE = 'atproto repo:app.bsky.feed.post'

export function createTestClient(
  network: LocalNetwork,
  options: Partial<StoreClientOptions> = {},
): OAuthClient {
  return createScopedClient(network, SCOPE, options)
}

/** The same with another scope in its metadata. */
export function createScopedClient(
  network: LocalNetwork,
  scope: string,
  options: Partial<StoreClientOptions> = {},
): OAuthClient {
  return new OAuthClient({
    clientMetadata: buildClientMetadata({
      publicUrl: 'http://127.0.0.1:3000',
      scope,
      metadataPath: '/oauth-client-metadata.json',
      jwksPath: '/oauth/jwks.json',
      callbackPath: '/oauth/callback',
    }),
    store: createMemoryStore(),
    secrets: [SECRET],
    localNetwork: network.localNetwork,
    ...options,
  })
}

export async function signIn(
  client: OAuthClient,
  account: Credentials,
  options: AuthorizeOptions = {},
): Promise<OAuthSession> {
  const { url } = await client.start(account.handle, options)
  const callback = await approve(url, account)
  return (await client.callback(callback.searchParams)).session
}

/** The session of that id as another process of the same application would find it. */
export function restoreSession(
  client: OAuthClient,
  { did, id }: Pick<OAuthSession, 'did' | 'id'>,
): Promise<OAuthSession> {
  return client.restore(did, false, { sessionId: id })
}
