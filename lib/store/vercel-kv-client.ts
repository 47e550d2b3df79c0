/** Loads the client of the REST protocol: one of two optional packages. */
import type { RedisConfigNodejs } from '@upstash/redis'
import { ConfigurationError } from '../errors.ts'

/**
 * Returns the function that creates a client. Hidden from bundlers: an application without the packages must build without
 * an error.
 *
 * @throws ConfigurationError when neither package is installed
 */
export async function loadRestClient() {
  try {
    const { Redis } = await import(/* webpackIgnore: true */ '@upstash/redis')
    return (config: RedisConfigNodejs) => new Redis(config)
  } catch {
    // Try the other package, which is built on it.
  }
  try {
    const { createClient } = await import(/* webpackIgnore: true */ '@vercel/kv')
    return createClient
  } catch (cause) {
    const advice =
      'Run: npm install @upstash/redis. If only traced files are deployed, pass a client to the store.'
    throw new ConfigurationError(
      `The session store has a REST address, but the package @upstash/redis is not installed. ${advice}`,
      { cause },
    )
  }
}
