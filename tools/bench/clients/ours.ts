/** This library, as an application imports it. */
import { OAuthClient, type Store } from 'next-atproto-auth/oauth'
import { CLIENT_ID, type Install, type MeasuredSession, type StoreCalls, type StorePlace } from './client.ts'

export const install: Install = async ({ servers, place, isCounting }) => {
  let calls: StoreCalls = {}
  const opened = await openStore(place)
  const note = (method: string, ms: number) => {
    calls[method] ??= []
    calls[method].push(ms)
  }
  const store = isCounting ? countCalls(opened, note) : opened
  return {
    start() {
      const client = new OAuthClient({
        clientMetadata: { client_id: CLIENT_ID },
        localNetwork: { plcDirectory: servers.plc, handleResolver: servers.resolver },
        store,
        secrets: ['a secret of the benchmark, 0123456789 abcdef'],
        onWarning: () => {},
      })
      return {
        authorize: (handle) => client.authorize(handle),
        callback: async (params) => measured((await client.callback(params)).session),
        async restore({ did, id, refresh }) {
          return measured(
            await client.restore(did, refresh ?? 'auto', id === undefined ? undefined : { sessionId: id }),
          )
        },
      }
    },
    takeStoreCalls() {
      const taken = calls
      calls = {}
      return taken
    },
  }
}

/** An application imports only the store that it uses. */
async function openStore(place: StorePlace): Promise<Store> {
  if (place.kind === 'memory') return (await import('next-atproto-auth/stores/memory')).createMemoryStore()
  if (place.kind === 'redis')
    return (await import('next-atproto-auth/stores/redis')).createRedisStore({ url: place.url })
  return (await import('next-atproto-auth/stores/sqlite')).createSqliteStore({ path: place.path })
}

function measured(session: Awaited<ReturnType<OAuthClient['restore']>>): MeasuredSession {
  return {
    did: session.did,
    id: session.id,
    fetch: (path, init) => session.fetchHandler(path, init),
  }
}

function countCalls(store: Store, note: (method: string, ms: number) => void): Store {
  return new Proxy(store, {
    get(target, method, receiver) {
      const member: unknown = Reflect.get(target, method, receiver)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        const begun = performance.now()
        const result: unknown = await Reflect.apply(member, target, args)
        note(String(method), performance.now() - begun)
        return result
      }
    },
  })
}
