/**
 * A store on Redis behind the Upstash REST protocol (Vercel KV, Upstash Redis), by the package `@upstash/redis` or
 * `@vercel/kv`: for hosts where no connection outlives a request. Each operation is one request.
 */
import type { RedisConfigNodejs } from '@upstash/redis'
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'
import type { Store } from './contract.ts'
import { createLuaStore, DEFAULT_PREFIX } from './lua-store.ts'
import { describeReply, describeTrouble, replyCode, withinMs } from './redis-errors.ts'

/** What the clients of both packages have. */
export interface RestClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
}

export type VercelKvStoreOptions = {
  /** What every key begins with; default `atproto:`. Applications that share a database need one each. */
  readonly prefix?: string
} & (
  | {
      /** The https address of the REST interface (KV_REST_API_URL, UPSTASH_REDIS_REST_URL). */
      readonly url: string
      /** A token that may write (KV_REST_API_TOKEN, UPSTASH_REDIS_REST_TOKEN). */
      readonly token: string
    }
  | {
      /** `new Redis(…)` of `@upstash/redis`, `kv` or `createClient(…)` of `@vercel/kv`, with any of their options. */
      readonly client: RestClient
    }
)

/** How long an operation may take in all, sending it again included. */
const LIMIT_MS = 2_000
const RESENDS = 2

/**
 * The store behind that address. An operation that has no answer after two seconds fails; one whose answer was
 * lost is sent again and still counts once, whether we send it or the client does so by itself.
 *
 * @throws ConfigurationError when the URL is none or the token is empty; each method also when neither package is
 *   installed
 */
export function createVercelKvStore(options: VercelKvStoreOptions): Store {
  const { prefix = DEFAULT_PREFIX } = options
  const client = 'client' in options ? async () => options.client : lazyClient(options.url, options.token)
  return createLuaStore({
    prefix,
    async evaluate(script, key, args) {
      const rest = await client()
      try {
        return await withinMs(LIMIT_MS, () => rest.eval(script, [key], [...args]))
      } catch (error) {
        throw restFailure(error)
      }
    },
    close: () => undefined,
  })
}

function lazyClient(url: string, token: string): () => Promise<RestClient> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '') || token.trim() === '') {
    throw new ConfigurationError(
      'The session store needs the https address of its REST interface and a token: KV_REST_API_URL and ' +
        'KV_REST_API_TOKEN, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN.',
    )
  }
  let client: Promise<RestClient> | undefined
  return () => {
    client ??= createRestClient(url, token).catch((error: unknown) => {
      client = undefined
      throw error
    })
    return client
  }
}

async function createRestClient(url: string, token: string): Promise<RestClient> {
  const create = await loadPackage()
  return create({
    url,
    token,
    automaticDeserialization: false,
    // A row must never come from a cache, whatever the page around it says about its fetches.
    cache: 'no-store',
    enableAutoPipelining: false,
    enableTelemetry: false,
    // `false` would still send twice.
    retry: { retries: RESENDS, backoff: (attempt) => 2 ** attempt * 50 },
    // A function: a plain signal that fires makes the client invent an answer.
    signal: () => AbortSignal.timeout(LIMIT_MS),
  })
}

/** Not for bundlers: an application without the packages must build without a complaint. */
async function loadPackage() {
  try {
    const { Redis } = await import(/* webpackIgnore: true */ '@upstash/redis')
    return (config: RedisConfigNodejs) => new Redis(config)
  } catch {
    // Then the other one, which is built on it.
  }
  try {
    const { createClient } = await import(/* webpackIgnore: true */ '@vercel/kv')
    return createClient
  } catch (cause) {
    const advice = 'Run: npm install @upstash/redis. Where only traced files are deployed, hand in a client.'
    throw new ConfigurationError(
      `Sessions are to be kept behind a REST interface, but its client is missing. ${advice}`,
      { cause },
    )
  }
}

/** Without the error of the client in it: that quotes the command, with its key and value. */
function restFailure(error: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`The session store behind its REST address failed: ${reasonOf(error)}.`)
}

function reasonOf(error: unknown): string {
  const code = replyCode(error)
  const message = error instanceof Error ? error.message : ''
  if (/limit exceeded|too many requests/i.test(message)) return 'the requests of its plan are used up for now'
  if (/unauthorized/i.test(message)) return describeReply('WRONGPASS')
  if (code) return describeReply(code)
  if (error instanceof Error && error.name === 'UpstashJSONParseError')
    return 'what answers there is not the REST interface, or it is out of order'
  if (error instanceof Error && error.name === 'TimeoutError') return 'there was no answer in time'
  return describeTrouble(error)
}
