/** @atproto/oauth-client, with the stores and keys that its package for Node.js gives it. */
import { JoseKey } from '@atproto/jwk-jose'
import { OAuthClient, type Session } from '@atproto/oauth-client'
import { CLIENT_ID, type Install, noStoreCalls, REDIRECT, SCOPE, type StorePlace } from './client.ts'
import { createFileMap } from './file-map.ts'

export const install: Install = ({ servers, place }) => {
  const [stateStore, sessionStore] = [mapStore(), sessionStoreAt(place)]
  return {
    takeStoreCalls: noStoreCalls,
    start() {
      const client = new OAuthClient({
        clientMetadata: {
          client_id: CLIENT_ID,
          scope: SCOPE,
          redirect_uris: [REDIRECT],
          application_type: 'native',
          response_types: ['code'],
          grant_types: ['authorization_code', 'refresh_token'],
          token_endpoint_auth_method: 'none',
          dpop_bound_access_tokens: true,
        },
        responseMode: 'query',
        allowHttp: true,
        stateStore,
        sessionStore,
        handleResolver: servers.resolver,
        plcDirectoryUrl: servers.plc,
        runtimeImplementation: {
          createKey: (algorithms) => JoseKey.generate(algorithms),
          getRandomValues: (length) => crypto.getRandomValues(new Uint8Array(length)),
          digest: async (bytes, { name }) =>
            new Uint8Array(await crypto.subtle.digest(`SHA-${name.slice(3)}`, bytes)),
        },
      })
      const measured = (session: Awaited<ReturnType<OAuthClient['restore']>>) => ({
        did: session.did,
        id: undefined,
        fetch: (path: string, init: RequestInit) => session.fetchHandler(path, init),
      })
      return {
        authorize: (handle) => client.authorize(handle),
        callback: async (params) => measured((await client.callback(params)).session),
        restore: async ({ did, refresh }) => measured(await client.restore(did, refresh ?? 'auto')),
      }
    },
  }
}

function mapStore() {
  const map = new Map()
  return {
    get: (key: string) => map.get(key),
    set: (key: string, value: unknown) => void map.set(key, value),
    del: (key: string) => void map.delete(key),
  }
}

/** In a file as its package for Node.js keeps sessions: JSON, with the DPoP key as JWK. */
function sessionStoreAt(place: StorePlace) {
  if (place.kind === 'memory') return mapStore()
  if (place.kind === 'redis') throw new TypeError('This client is measured on memory and files.')
  const rows = createFileMap<Omit<Session, 'dpopKey'> & { readonly dpopJwk: Record<string, unknown> }>(
    place.path,
  )
  return {
    async get(key: string): Promise<Session | undefined> {
      const row = rows.get(key)
      if (!row) return undefined
      const { dpopJwk, ...rest } = row
      return { ...rest, dpopKey: await JoseKey.fromJWK(dpopJwk) }
    },
    set: (key: string, { dpopKey, ...rest }: Session) =>
      rows.set(key, { ...rest, dpopJwk: { ...dpopKey.privateJwk } }),
    del: (key: string) => rows.delete(key),
  }
}
