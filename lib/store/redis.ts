/**
 * A store on Redis or Valkey 7 or later, over TCP or TLS, through the package `redis`. Each operation is a Lua script
 * on one key, so it works on clusters as well as on single servers. Only the server's clock matters.
 */
import { ConfigurationError } from '../errors.ts'
import { hasStrayAt } from '../failed-address.ts'
import type { Store } from './contract.ts'
import { createLuaStore, DEFAULT_PREFIX } from './lua-store.ts'
import {
  COMMAND_LIMIT_MS,
  createRedisConnection,
  type RedisClient,
  redisFailure,
} from './redis-connection.ts'
import { replyCode } from './redis-errors.ts'
import { withinMs } from './time-limit.ts'

/** Options of `createRedisStore`: a URL or a client of your own. */
export type RedisStoreOptions = {
  /** The prefix of every key; default `atproto:`. Applications that share a server need different prefixes. */
  readonly prefix?: string
} & (
  | {
      /** A URL with `redis://` or, for TLS, `rediss://`, with user and password if needed. */
      readonly url: string
    }
  | {
      /**
       * A client, pool, cluster or sentinel of the package `redis`. Your application connects it, listens to its
       * errors and closes it; closing the store leaves it open.
       */
      readonly client: RedisClient
    }
)

/**
 * Creates a store on a Redis server. With `url`, the connection is opened at the first use, reopened after a loss and
 * closed with the store. A command without an answer fails after 2 seconds. A command whose answer was lost is sent
 * again and still takes effect only once.
 *
 * Set `maxmemory-policy noeviction` on the server: evicting a session signs its user out.
 *
 * @throws ConfigurationError when the URL is not a Redis URL; each method also throws it when `url` is used and the
 *   package `redis` is not installed
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { prefix = DEFAULT_PREFIX } = options
  if ('client' in options) {
    const { client } = options
    return createLuaStore({
      prefix,
      evaluate: (script, key, args) =>
        withinMs(COMMAND_LIMIT_MS, () => evaluateInCluster(client, script, key, args)).catch(
          (error: unknown) => {
            throw redisFailure(error)
          },
        ),
      close: () => undefined,
    })
  }
  const connection = createRedisConnection(checkUrl(options.url))
  return createLuaStore({
    prefix,
    evaluate: (script, key, args) => connection.run((client) => evaluate(client, script, key, args)),
    close: () => connection.close(),
  })
}

/**
 * Runs a script once more that a node did not run because another one has its key: now and then, a cluster client of version
 * 4 passes on such a reply instead of following it.
 */
function evaluateInCluster(
  client: RedisClient,
  script: string,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  return evaluate(client, script, key, args).catch((error: unknown) => {
    if (replyCode(error) !== 'MOVED') throw error
    return evaluate(client, script, key, args)
  })
}

/** Uses EVAL instead of EVALSHA: the scripts are short, and a restarted server no longer knows their hashes. */
function evaluate(
  client: RedisClient,
  script: string,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  return client.eval(script, { keys: [key], arguments: [...args] })
}

/** The message does not contain the URL, which may hold a password. */
function checkUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^rediss?:$/.test(url.protocol) || hasStrayAt(url)) {
    throw new ConfigurationError(
      'The URL of the session store must be redis://host:port, or rediss://host:port for TLS. Check REDIS_URL; in a password, the characters # / ? @ are written as %23 %2F %3F %40.',
    )
  }
  return text
}
