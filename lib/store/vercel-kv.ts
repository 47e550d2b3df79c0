/**
 * A store on Redis behind the Upstash REST protocol (Vercel KV, Upstash Redis), through the package `@upstash/redis` or
 * `@vercel/kv`. It is meant for hosts where connections do not survive a request. Each operation is one request.
 */
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'
import { addressInUrl } from '../failed-address.ts'
import type { Store } from './contract.ts'
import { createLuaStore, DEFAULT_PREFIX } from './lua-store.ts'
import { describeNoAnswer, describeReply, replyCode } from './redis-errors.ts'
import { withinMs } from './time-limit.ts'
import { loadRestClient } from './vercel-kv-client.ts'

/** The method that the clients of both packages have in common. */
export interface RestClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
}

/** Options of `createVercelKvStore`: a REST address with its token, or a client of your own. */
export type VercelKvStoreOptions = {
  /** The prefix of every key; default `atproto:`. Applications that share a database need different prefixes. */
  readonly prefix?: string
} & (
  | {
      /** The https address of the REST interface (KV_REST_API_URL, UPSTASH_REDIS_REST_URL). */
      readonly url: string
      /** A token with write permission (KV_REST_API_TOKEN, UPSTASH_REDIS_REST_TOKEN). */
      readonly token: string
    }
  | {
      /** `new Redis(…)` of `@upstash/redis`, `kv` or `createClient(…)` of `@vercel/kv`, with any of their options. */
      readonly client: RestClient
    }
)

/**
 * How long an operation may take in total, including sending it again. Only time counts in which this process could take
 * the answer.
 */
const LIMIT_MS = 2_000
const RESENDS = 2
const HTTPS_PORT = 443
/** How much later than the failure its request is aborted. */
const GRACE_MS = 250

/**
 * Creates a store behind a REST address. An operation without an answer fails after 2 seconds. An operation whose
 * answer was lost is sent again, by this library or by the client, and still takes effect only once.
 *
 * @throws ConfigurationError when `url` is not an http or https URL or `token` is empty; each method also throws it
 *   when `url` is used and neither package is installed
 */
export function createVercelKvStore(options: VercelKvStoreOptions): Store {
  const { prefix = DEFAULT_PREFIX } = options
  const client = 'client' in options ? async () => options.client : clients(options.url, options.token)
  const address = 'url' in options ? addressInUrl(options.url, HTTPS_PORT) : undefined
  return createLuaStore({
    prefix,
    async evaluate(script, key, args) {
      const request = new AbortController()
      const rest = await client(request.signal)
      try {
        return await withinMs(LIMIT_MS, () => rest.eval(script, [key], [...args]))
      } catch (error) {
        // After the operation was reported as failed: the client answers an abort with a made-up result.
        setTimeout(() => request.abort(), GRACE_MS).unref()
        throw restFailure(error, address)
      }
    },
    close: () => undefined,
  })
}

/**
 * Returns a function that creates a client for one operation: clients before version 1.36 take no signal for each
 * request, only one for all that they send.
 */
function clients(url: string, token: string): (signal: AbortSignal) => Promise<RestClient> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '') || token.trim() === '') {
    throw new ConfigurationError(
      'The session store needs the https address of its REST interface and a token: KV_REST_API_URL and ' +
        'KV_REST_API_TOKEN, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN.',
    )
  }
  let loaded: ReturnType<typeof loadRestClient> | undefined
  return async (signal) => {
    loaded ??= loadRestClient().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    const create = await loaded
    return create({
      url,
      token,
      automaticDeserialization: false,
      // A row must never come from a cache, whatever the page says about its fetches.
      cache: 'no-store',
      enableAutoPipelining: false,
      enableTelemetry: false,
      // With `false` the client would still send twice.
      retry: { retries: RESENDS, backoff: (attempt) => 2 ** attempt * 50 },
      signal,
    })
  }
}

/** The client's own error must not be the cause: it quotes the command with key and value. */
function restFailure(error: unknown, address: string | undefined): StoreUnavailableError {
  return new StoreUnavailableError(
    `The session store failed at its REST address: ${reasonOf(error, address)}.`,
  )
}

function reasonOf(error: unknown, address: string | undefined): string {
  const code = replyCode(error)
  const message = error instanceof Error ? error.message : ''
  if (/limit exceeded|too many requests/i.test(message)) return 'the requests of its plan are used up for now'
  if (/unauthorized/i.test(message)) return describeReply('WRONGPASS')
  if (code) return describeReply(code)
  // Older clients do not wrap the error of JSON.parse().
  if (error instanceof SyntaxError || (error instanceof Error && error.name === 'UpstashJSONParseError'))
    return 'the answer is not the REST interface of a database, or the interface is broken'
  if (error instanceof Error && error.name === 'TimeoutError') return 'there was no answer in time'
  return describeNoAnswer(error, address)
}
