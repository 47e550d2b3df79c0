/** The clients that are measured, each behind the same few verbs, as the loopback client on plain http. */
import {
  CompositeDidDocumentResolver,
  LocalActorResolver,
  PlcDidDocumentResolver,
  XrpcHandleResolver,
} from '@atcute/identity-resolver'
import {
  OAuthClient as AtcuteClient,
  MemoryStore,
  type StoredSession,
  type StoredState,
} from '@atcute/oauth-node-client'
import { JoseKey } from '@atproto/jwk-jose'
import { OAuthClient as OfficialClient, type RuntimeLock, type Session } from '@atproto/oauth-client'
import { OAuthClient } from '../../lib/oauth/client.ts'
import { createMemoryStore } from '../../lib/store/memory.ts'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { createFileMap } from './file-map.ts'
import type { BenchNetwork } from './network.ts'

const REDIRECT = 'http://127.0.0.1:3000/callback'
const SCOPE = 'atproto'
const CLIENT_ID = `http://localhost?${new URLSearchParams({ redirect_uri: REDIRECT, scope: SCOPE })}`

export type Call = (path: string) => Promise<Response>

export type Servers = Pick<BenchNetwork, 'plc' | 'resolver' | 'did' | 'handle'>

/** A client in a process that has just started: what it knows is in its stores. */
export interface Process {
  authorize(): Promise<URL>
  callback(params: URLSearchParams): Promise<Call>
  restore(): Promise<Call>
}

export interface Peer {
  readonly name: string
  /**
   * Stores that outlive processes, and how a process starts on them.
   *
   * @param file where sessions are kept for several real processes; default the memory of this one
   */
  install(network: Servers, file?: string): () => Process
}

const ours: Peer = {
  name: 'next-atproto-auth',
  install(network, file) {
    const store = file === undefined ? createMemoryStore() : createSqliteStore({ path: file })
    return () => {
      const client = new OAuthClient({
        clientMetadata: { client_id: CLIENT_ID },
        localNetwork: { plcDirectory: network.plc, handleResolver: network.resolver },
        store,
        secrets: ['a secret of the benchmark, 0123456789 abcdef'],
        onWarning: () => {},
      })
      return {
        authorize: () => client.authorize(network.handle),
        callback: async (params) => callOf((await client.callback(params)).session),
        restore: async () => callOf(await client.restore(network.did)),
      }
    }
  },
}

const official: Peer = {
  name: '@atproto/oauth-client',
  install(network, file) {
    const [stateStore, sessionStore] = [mapStore(), file === undefined ? mapStore() : keyStore(file)]
    return () => {
      const client = new OfficialClient({
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
        handleResolver: network.resolver,
        plcDirectoryUrl: network.plc,
        runtimeImplementation: {
          createKey: (algorithms) => JoseKey.generate(algorithms),
          getRandomValues: (length) => crypto.getRandomValues(new Uint8Array(length)),
          digest: async (bytes, { name }) =>
            new Uint8Array(await crypto.subtle.digest(`SHA-${name.slice(3)}`, bytes)),
          // Its own default where there are several processes: a lock in each.
          ...(file === undefined && { requestLock: noLock }),
        },
      })
      return {
        authorize: () => client.authorize(network.handle),
        callback: async (params) => callOf((await client.callback(params)).session),
        restore: async () => callOf(await client.restore(network.did)),
      }
    }
  },
}

const atcute: Peer = {
  name: '@atcute/oauth-node-client',
  install(network, file) {
    const stores = {
      sessions:
        file === undefined
          ? new MemoryStore<`did:${string}:${string}`, StoredSession>()
          : createFileMap<StoredSession>(file),
      states: new MemoryStore<string, StoredState>(),
    }
    return () => {
      const client = new AtcuteClient({
        metadata: { redirect_uris: [REDIRECT], scope: SCOPE },
        stores,
        actorResolver: new LocalActorResolver({
          handleResolver: new XrpcHandleResolver({ serviceUrl: network.resolver }),
          didDocumentResolver: new CompositeDidDocumentResolver({
            methods: { plc: new PlcDidDocumentResolver({ apiUrl: network.plc }) },
          }),
        }),
      })
      allowHttp(client, 4)
      return {
        async authorize() {
          const identifier = network.handle as `${string}.${string}`
          return (await client.authorize({ target: { type: 'account', identifier } })).url
        },
        callback: async (params) => atcuteCallOf((await client.callback(params)).session),
        restore: async () => atcuteCallOf(await client.restore(network.did)),
      }
    }
  },
}

export const peers: readonly Peer[] = [ours, official, atcute]

function mapStore() {
  const map = new Map()
  return {
    get: (key: string) => map.get(key),
    set: (key: string, value: unknown) => void map.set(key, value),
    del: (key: string) => void map.delete(key),
  }
}

/** Measures a client without what its application would bring. */
const noLock: RuntimeLock = (_, fn) => fn()

/** As the official client's Node package keeps sessions: JSON, with the DPoP key as JWK. */
function keyStore(file: string) {
  const rows = createFileMap<Omit<Session, 'dpopKey'> & { readonly dpopJwk: Record<string, unknown> }>(file)
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

function callOf(session: { fetchHandler(path: string): Promise<Response> }): Call {
  return (path) => session.fetchHandler(path)
}

function atcuteCallOf(session: { handle(path: string, init: RequestInit): Promise<Response> }): Call {
  return (path) => session.handle(path, {})
}

/** It offers no option for http; its resolvers have one, which is set here by hand. */
function allowHttp(object: object, depth: number): void {
  if ('allowHttp' in object) object.allowHttp = true
  if (depth === 0) return
  for (const value of Object.values(object)) {
    if (typeof value === 'object' && value !== null) allowHttp(value, depth - 1)
  }
}
