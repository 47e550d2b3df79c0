/** A store that is opened by the first call to it; after a failure the next call tries again. */
import 'server-only'
import type { Store } from '../../store/contract.ts'

/** @param open opens the store; called again after it failed */
export function lazyStore(open: () => Promise<Store>): Store {
  let opened: Promise<Store> | undefined
  const store = (): Promise<Store> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    return opened
  }
  return {
    get: async (...args) => (await store()).get(...args),
    set: async (...args) => (await store()).set(...args),
    take: async (...args) => (await store()).take(...args),
    update: async (...args) => (await store()).update(...args),
    delete: async (...args) => (await store()).delete(...args),
    increment: async (...args) => (await store()).increment(...args),
    addMember: async (...args) => (await store()).addMember(...args),
    removeMember: async (...args) => (await store()).removeMember(...args),
    members: async (...args) => (await store()).members(...args),
    lease: async (...args) => (await store()).lease(...args),
    release: async (...args) => (await store()).release(...args),
    ping: async () => (await store()).ping(),
    close: async () => (await opened)?.close(),
  }
}
