/**
 * A confidential client as its authorization servers see it: an https address that serves metadata and JWKS. Its
 * keys can be rotated, as an operator does who deploys with other keys.
 */
import {
  buildClientMetadata,
  importKeyset,
  OAuthClient,
  type PrivateJwk,
  type Store,
} from 'next-atproto-auth/oauth'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { SCOPE, SECRET } from './client.ts'
import { forgetJwks } from './network/hooks.ts'
import { closeServer, listenOnLoopback, portOf } from './network/loopback-server.ts'
import { type LocalNetwork, startNetwork } from './network/network.ts'

/** A key of the client, with the id that it is published under. */
export type NamedKey = PrivateJwk & { readonly kid: string }

export interface ClientHost extends AsyncDisposable {
  readonly network: LocalNetwork
  /** All clients of this host keep their sessions here. */
  readonly store: Store
  /** Publishes these keys alone, to servers that have forgotten the ones before. */
  publish(...keys: readonly [NamedKey, ...NamedKey[]]): Promise<void>
  /** The client with these keys, the first of which signs; nothing is published by it. */
  client(...keys: readonly [NamedKey, ...NamedKey[]]): Promise<OAuthClient>
  /** `publish` and `client` in one, as a deployment does it. */
  deploy(...keys: readonly [NamedKey, ...NamedKey[]]): Promise<OAuthClient>
}

/** Starts a network and the client's host in it. */
export async function startClientHost(): Promise<ClientHost> {
  const documents = new Map<string, unknown>()
  const server = await listenOnLoopback(0)
  server.on('request', (request, response) => {
    const document = documents.get(request.url ?? '')
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? {}))
  })
  const target = `http://127.0.0.1:${portOf(server)}`
  const network = await startNetwork({ app: { host: 'client.demo.internal', target } })
  const clientMetadata = buildClientMetadata({
    publicUrl: network.front?.origin ?? '',
    scope: SCOPE,
    metadataPath: '/oauth-client-metadata.json',
    jwksPath: '/oauth/jwks.json',
    callbackPath: '/oauth/callback',
  })
  documents.set('/oauth-client-metadata.json', clientMetadata)

  const store = createMemoryStore()
  const host: Omit<ClientHost, typeof Symbol.asyncDispose> = {
    network,
    store,
    async publish(...keys) {
      documents.set('/oauth/jwks.json', (await importKeyset(keys)).publicJwks)
      await Promise.all(network.pds.map((pds) => forgetJwks(pds, clientMetadata.jwks_uri ?? '')))
    },
    async client(...keys) {
      const { localNetwork } = network
      const keyset = await importKeyset(keys)
      return new OAuthClient({ clientMetadata, keyset, store, secrets: [SECRET], localNetwork })
    },
    async deploy(...keys) {
      await host.publish(...keys)
      return host.client(...keys)
    },
  }
  return {
    ...host,
    async [Symbol.asyncDispose]() {
      await network.stop()
      await closeServer(server)
    },
  }
}
