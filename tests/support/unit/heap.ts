/** What is really held in memory: the resident size of a process counts garbage that nobody has asked for back. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Bytes in use after two full garbage collections: the first may only end one that was under way, which keeps all that
 * was allocated since that one began.
 */
export function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new TypeError('This Node.js cannot be told to collect garbage.')
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
