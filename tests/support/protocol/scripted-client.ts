/** Clients of the scripted network, and sign-ins with them. */
import { buildClientMetadata, type Keyset, OAuthClient, type OAuthSession } from '../../../lib/oauth/index.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { SCOPE, SECRET, type StoreClientOptions } from '../client.ts'
import { alice, type ScriptedNetwork, startScriptedNetwork } from './scripted-network.ts'
import type { RecordedRequest } from './scripted-server.ts'

/** A client of the network, on the network's clock: confidential with a key set, else the loopback client. */
export function createScriptedClient(
  network: ScriptedNetwork,
  options: Partial<StoreClientOptions> & { readonly keyset?: Keyset } = {},
): OAuthClient {
  return new OAuthClient({
    clientMetadata: buildClientMetadata({
      publicUrl: options.keyset ? 'https://app.example.com' : 'http://127.0.0.1:3000',
      scope: SCOPE,
      metadataPath: '/oauth-client-metadata.json',
      jwksPath: '/oauth/jwks.json',
      callbackPath: '/oauth/callback',
    }),
    store: createMemoryStore({ now: network.now }),
    secrets: [SECRET],
    localNetwork: { plcDirectory: network.plc.origin, handleResolver: network.resolver.origin },
    now: network.now,
    ...options,
  })
}

/** Alice's parameters of an approved sign-in, not yet given to `callback`. */
export async function approveSignIn(network: ScriptedNetwork, client: OAuthClient): Promise<URLSearchParams> {
  const { url } = await client.start(alice.handle)
  return network.home.as.approve(url, alice.did).searchParams
}

/** A network with a sign-in of alice that she has just approved. */
export async function startApproved() {
  const network = await startScriptedNetwork()
  const client = createScriptedClient(network)
  return { network, client, params: await approveSignIn(network, client) }
}

/** A session of alice. */
export async function signIn(network: ScriptedNetwork, client: OAuthClient): Promise<OAuthSession> {
  return (await client.callback(await approveSignIn(network, client))).session
}

/** A client with a session of alice whose PDS has given its nonce. */
export async function signInWarm(
  network: ScriptedNetwork,
  options: Partial<StoreClientOptions> & { readonly keyset?: Keyset } = {},
): Promise<{ readonly client: OAuthClient; readonly session: OAuthSession }> {
  const client = createScriptedClient(network, options)
  const session = await signIn(network, client)
  await call(session)
  return { client, session }
}

/** A network with a session of alice whose access token has just ended. */
export async function startExpired() {
  const network = await startScriptedNetwork()
  const { client, session } = await signInWarm(network)
  network.advance(3_600_000)
  const restore = () => client.restore(session.did, false, { sessionId: session.id })
  return { network, client, session, restore }
}

/** One XRPC call; the status that came. */
export async function call(
  session: OAuthSession,
  path = '/xrpc/app.bsky.actor.getPreferences',
): Promise<number> {
  const response = await session.fetchHandler(path)
  await response.text()
  return response.status
}

/** Token requests with that grant, at any server; one without a nonce only asks for it and is not counted. */
export function tokenRequests(
  network: ScriptedNetwork,
  grant: 'authorization_code' | 'refresh_token',
): readonly RecordedRequest[] {
  return network
    .sent('/oauth/token')
    .filter(({ form, proof }) => form.get('grant_type') === grant && proof?.claims.nonce !== undefined)
}
