/** A store in a worker that can be held at a call, fail, or lag behind, without the library knowing. */
import { createHash } from 'node:crypto'
import { StoreUnavailableError } from '../../../lib/errors.ts'
import type { Store, StoredValue } from '../../../lib/store/contract.ts'
import type { StorePoint } from './messages.ts'

export interface ScriptedStore {
  readonly store: Store
  hold(sessionId: string, point: StorePoint): void
  failUpdates(sessionId: string, count: number): void
  loseAnswer(sessionId: string, of: 'lease' | 'update'): void
  /** Lets everything that is held go on, and nothing be held any more. */
  go(): void
}

type Method = 'get' | 'lease' | 'update' | 'release'

/** @param onHeld called whenever the work of a session stops at its point */
export function scriptStore(store: Store, lagMs: number, onHeld: () => void): ScriptedStore {
  const points = new Map<string, StorePoint>()
  const counts = new Map<string, number>()
  const failures = new Map<string, number>()
  const lost = new Set<string>()
  let gate = Promise.withResolvers<void>()
  const read = lagMs > 0 ? lagging(store, lagMs) : store.get

  async function at<T>(method: Method, key: string, work: () => Promise<T>): Promise<T> {
    const hash = key.slice(key.indexOf(':') + 1)
    const nth = (counts.get(`${method} ${hash}`) ?? 0) + 1
    counts.set(`${method} ${hash}`, nth)
    const stopAt = async (point: StorePoint) => {
      if (points.get(hash) !== point) return
      onHeld()
      await gate.promise
    }
    await stopAt(`before ${method} ${nth}`)
    if (method === 'update' && nth > 1) failOnce(hash)
    const result = await work()
    if (lost.delete(`${method} ${hash}`)) throw new StoreUnavailableError('This answer was to be lost.')
    await stopAt(`after ${method} ${nth}`)
    return result
  }

  function failOnce(hash: string): void {
    const left = failures.get(hash) ?? 0
    failures.set(hash, left - 1)
    if (left > 0) throw new StoreUnavailableError('This write was to fail.')
  }

  /** Counts from here on. */
  function arm(sessionId: string): string {
    const hash = createHash('sha256').update(sessionId).digest('base64url')
    for (const key of counts.keys()) if (key.endsWith(hash)) counts.delete(key)
    return hash
  }

  return {
    store: {
      ...store,
      get: (key) => at('get', key, () => read(key)),
      lease: (key, ...rest) => at('lease', key, () => store.lease(key, ...rest)),
      update: (key, ...rest) => at('update', key, () => store.update(key, ...rest)),
      release: (key, ...rest) => at('release', key, () => store.release(key, ...rest)),
    },
    hold: (sessionId, point) => void points.set(arm(sessionId), point),
    failUpdates: (sessionId, count) => void failures.set(arm(sessionId), count),
    loseAnswer: (sessionId, method) => void lost.add(`${method} ${arm(sessionId)}`),
    go() {
      points.clear()
      gate.resolve()
      gate = Promise.withResolvers()
    },
  }
}

/** Reads as a replica answers them: at once, with what was there up to `lagMs` ago. */
function lagging(store: Store, lagMs: number): Store['get'] {
  const seen = new Map<string, { readonly value: StoredValue | undefined; readonly until: number }>()
  return async (key) => {
    const known = seen.get(key)
    if (known && known.until > Date.now()) return known.value
    const value = await store.get(key)
    seen.set(key, { value, until: Date.now() + lagMs })
    return value
  }
}
