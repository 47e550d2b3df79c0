/** Whether a Redis server may remove sessions by itself when its memory is full. */
import { createRedisConnection } from './redis-connection.ts'

// By a script: many providers forbid CONFIG, and clients of different versions name the other commands differently.
const INFO = "return redis.call('INFO', 'memory')"

/**
 * Returns the server's `maxmemory-policy`, such as `noeviction`; undefined when it does not tell.
 *
 * @param url as for `createRedisStore`
 */
export async function readRedisPolicy(url: string): Promise<string | undefined> {
  const connection = createRedisConnection(url)
  try {
    const info = await connection.run((client) => client.eval(INFO, { keys: [], arguments: [] }))
    return /^maxmemory_policy:(\S+)/m.exec(String(info))?.[1]
  } catch {
    // Only advice depends on it, and a user without the right to read it may still use the store.
    return undefined
  } finally {
    await connection.close()
  }
}
