/** A lock within one process. */

/** Runs `fn` while no other one runs under that name; the shape of the official client's `requestLock`. */
export type RuntimeLock = <T>(name: string, fn: () => T | PromiseLike<T>) => T | PromiseLike<T>

/** A new lock, with a queue for each name. */
export function createLocalLock(): <T>(name: string, fn: () => T | PromiseLike<T>) => Promise<T> {
  const queues = new Map<string, Promise<unknown>>()
  return (name, fn) => {
    const before = queues.get(name) ?? Promise.resolve()
    const result = before.then(fn)
    const settled = result.then(
      () => undefined,
      () => undefined,
    )
    queues.set(name, settled)
    void settled.then(() => {
      if (queues.get(name) === settled) queues.delete(name)
    })
    return result
  }
}

/** `createLocalLock`, one for the whole process: enough while a single process uses a session store. */
export const requestLocalLock: RuntimeLock = createLocalLock()
