/**
 * A store on Redis or Valkey 7 and later, over TCP or TLS, by the package `redis`. Each promise is a Lua script on
 * one key, so that a cluster serves as well as a single server; the server's clock alone counts.
 */
import { ConfigurationError } from '../errors.ts'
import type { Store } from './contract.ts'
import { createLuaStore, DEFAULT_PREFIX } from './lua-store.ts'
import {
  COMMAND_LIMIT_MS,
  createRedisConnection,
  type RedisClient,
  redisFailure,
} from './redis-connection.ts'
import { withinMs } from './redis-errors.ts'

export type RedisStoreOptions = {
  /** What every key begins with; default `atproto:`. Applications that share a server need one each. */
  readonly prefix?: string
} & (
  | {
      /** `redis://` or, over TLS, `rediss://`, with user and password where they are needed. */
      readonly url: string
    }
  | {
      /**
       * A client, pool, cluster or sentinel of the package `redis`, connected by its owner, who also listens to
       * its errors and closes it: closing the store leaves it open.
       */
      readonly client: RedisClient
    }
)

/**
 * The store on that server. With a URL the connection is made at the first use, made again whenever it is lost,
 * and closed with the store. A command that has no answer after two seconds fails; one whose answer was lost is
 * sent again and still counts once.
 *
 * Keep the server from evicting (`maxmemory-policy noeviction`): a session that is evicted is signed out.
 *
 * @throws ConfigurationError when the URL is none of Redis; each method also when the package `redis` is missing
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { prefix = DEFAULT_PREFIX } = options
  if ('client' in options) {
    const { client } = options
    return createLuaStore({
      prefix,
      evaluate: (script, key, args) =>
        withinMs(COMMAND_LIMIT_MS, () => evaluate(client, script, key, args)).catch((error: unknown) => {
          throw redisFailure(error)
        }),
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

/** By EVAL: the scripts are short, and a server that restarts has forgotten what it knew by hash. */
function evaluate(
  client: RedisClient,
  script: string,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  return client.eval(script, { keys: [key], arguments: [...args] })
}

/** Without the URL in the message: it may hold a password. */
function checkUrl(text: string): string {
  if (!/^rediss?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new ConfigurationError(
      'The URL of the session store must be redis://host:port, or rediss://host:port for TLS. Is REDIS_URL right?',
    )
  }
  return text
}
