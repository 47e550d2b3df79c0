/** @atcute/oauth-node-client. */
import {
  CompositeDidDocumentResolver,
  LocalActorResolver,
  PlcDidDocumentResolver,
  XrpcHandleResolver,
} from '@atcute/identity-resolver'
import { MemoryStore, OAuthClient, type StoredSession, type StoredState } from '@atcute/oauth-node-client'
import { type Install, noStoreCalls, REDIRECT, SCOPE, type StorePlace } from './client.ts'
import { createFileMap } from './file-map.ts'

type Did = `did:${string}:${string}`

export const install: Install = ({ servers, place }) => {
  const stores = { sessions: sessionsAt(place), states: new MemoryStore<string, StoredState>() }
  return {
    takeStoreCalls: noStoreCalls,
    start() {
      const client = new OAuthClient({
        metadata: { redirect_uris: [REDIRECT], scope: SCOPE },
        stores,
        actorResolver: new LocalActorResolver({
          handleResolver: new XrpcHandleResolver({ serviceUrl: servers.resolver }),
          didDocumentResolver: new CompositeDidDocumentResolver({
            methods: { plc: new PlcDidDocumentResolver({ apiUrl: servers.plc }) },
          }),
        }),
      })
      allowHttp(client, 4)
      const measured = (session: Awaited<ReturnType<typeof client.restore>>) => ({
        did: session.did,
        id: undefined,
        fetch: (path: string, init: RequestInit) => session.handle(path, init),
      })
      return {
        async authorize(handle) {
          const identifier = handle as `${string}.${string}`
          return (await client.authorize({ target: { type: 'account', identifier } })).url
        },
        callback: async (params) => measured((await client.callback(params)).session),
        restore: async ({ did, refresh }) =>
          measured(await client.restore(did as Did, { refresh: refresh ?? 'auto' })),
      }
    },
  }
}

function sessionsAt(place: StorePlace) {
  if (place.kind === 'memory') return new MemoryStore<Did, StoredSession>()
  if (place.kind === 'redis') throw new TypeError('This client is measured on memory and files.')
  return createFileMap<StoredSession>(place.path)
}

/** It offers no option for http; its resolvers have one, which is set here by hand. */
function allowHttp(object: object, depth: number): void {
  if ('allowHttp' in object) object.allowHttp = true
  if (depth === 0) return
  for (const value of Object.values(object)) {
    if (typeof value === 'object' && value !== null) allowHttp(value, depth - 1)
  }
}
