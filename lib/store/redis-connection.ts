/**
 * The library's own connection to Redis. It is opened with the first command and reopened after a failure. It is
 * abandoned as soon as the server does not answer on it, because a dead connection would otherwise hang for minutes.
 */
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'
import { addressInUrl } from '../failed-address.ts'
import { describeNoAnswer, describeReply, replyCode } from './redis-errors.ts'
import { createTimeLimit, isNoAnswer, type TimeLimit, withinMs } from './time-limit.ts'

/**
 * How long a command may take in total, including connecting and sending it again. Only time counts in which this process
 * could take the answer.
 */
export const COMMAND_LIMIT_MS = 2_000
/** How long a command waits for a lost server: long enough for a short interruption, and brief when it is down. */
const RECONNECT_LIMIT_MS = 500
/** The longest pause between two attempts to reconnect. */
const MAX_PAUSE_MS = 500
const DEFAULT_PORT = 6379

/** The method that the clients, pools and clusters of the package `redis` have in common. */
export interface RedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

export interface RedisConnection {
  /**
   * Runs the work, and runs it once more if the connection was lost in the meantime, so it must be idempotent.
   *
   * @throws StoreUnavailableError; ConfigurationError when the package is not installed
   */
  run<T>(work: (client: RedisClient) => Promise<T>): Promise<T>
  /** Closes the connection. Commands in progress fail. */
  close(): void
}

/** What the library's own connection uses of the client that `createClient` returns. */
interface OwnClient extends RedisClient {
  connect(): Promise<unknown>
  on(event: 'connect' | 'ready' | 'error', listener: (error: unknown) => void): unknown
  /** Missing in version 4 of the package, which has `disconnect` instead. */
  destroy?(): void
  disconnect(): Promise<unknown>
}

interface Link {
  readonly client: OwnClient
  /** Resolved while the connection is open; never rejected. */
  ready: PromiseWithResolvers<void>
  isReady: boolean
  /** Why the last attempt failed, or why the connection was abandoned. */
  failure: unknown
}

/** Returns a connection to that URL. It is not opened yet. */
export function createRedisConnection(url: string): RedisConnection {
  const address = addressInUrl(url, DEFAULT_PORT)
  let current: Promise<Link> | undefined
  let isClosed = false

  async function link(): Promise<Link> {
    if (isClosed) throw new StoreUnavailableError('The session store is closed.')
    current ??= open(url, abandon).catch((error: unknown) => {
      current = undefined
      throw error
    })
    return current
  }

  /** The next command opens another connection, to another address if the name now points to a new primary. */
  async function abandon(used: Link, reason?: unknown): Promise<void> {
    used.failure ??= reason
    const held = current
    // Several commands may abandon the same connection; they must not abandon the one opened after it.
    if ((await held) === used && current === held) current = undefined
    destroy(used.client)
  }

  return {
    async run(work) {
      const limit = createTimeLimit(COMMAND_LIMIT_MS)
      for (let attempt = 1; ; attempt += 1) {
        const used = await link()
        await untilReady(used, limit, address)
        try {
          return await limit.within(() => work(used.client))
        } catch (error) {
          const code = replyCode(error)
          if (isNoAnswer(error) || code === 'READONLY') await abandon(used, error)
          const isLost = code === undefined && !isNoAnswer(error)
          const mayRepeat = attempt === 1 && !isClosed && (isLost || code === 'READONLY')
          // A command that was lost because another one had no answer reports that.
          if (!mayRepeat) throw redisFailure((isLost && used.failure) || error, address)
        }
      }
    },
    close() {
      isClosed = true
      current?.then((held) => abandon(held)).catch(() => undefined)
    },
  }
}

/**
 * Converts the error of a failed command. The message contains no secrets.
 *
 * @param address host and port that were asked; default those that the error notes
 */
export function redisFailure(error: unknown, address?: string): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error
  const code = replyCode(error)
  // An error reply may quote the command, so it must not be kept as the cause.
  if (code)
    return new StoreUnavailableError(
      `Redis, the session store, refused the operation: ${describeReply(code)}.`,
    )
  return new StoreUnavailableError(`Redis, the session store, failed: ${describeNoAnswer(error, address)}.`, {
    cause: error,
  })
}

/** @param abandon closes a connection on which the greeting gets no answer, which nothing else would detect */
async function open(url: string, abandon: (link: Link) => Promise<void>): Promise<Link> {
  const { createClient } = await loadRedis()
  const client: OwnClient = createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: COMMAND_LIMIT_MS,
      reconnectStrategy: (attempts) => Math.min(2 ** attempts * 25, MAX_PAUSE_MS),
    },
  })
  const link: Link = { client, ready: Promise.withResolvers(), isReady: false, failure: undefined }
  let greeting = Promise.withResolvers<void>()
  client.on('connect', () => {
    greeting = Promise.withResolvers()
    const { promise } = greeting
    withinMs(COMMAND_LIMIT_MS, () => promise).catch(() => abandon(link))
  })
  client.on('ready', () => {
    greeting.resolve()
    link.isReady = true
    link.failure = undefined
    link.ready.resolve()
  })
  // Without a listener, the error would end the process.
  client.on('error', (error: unknown) => {
    greeting.resolve()
    if (link.isReady) link.ready = Promise.withResolvers()
    link.isReady = false
    link.failure = error
  })
  // The client retries until it is closed, and reports errors through the event.
  client.connect().catch(() => undefined)
  return link
}

/** Ends the connection at once. */
function destroy(client: OwnClient): void {
  try {
    if (client.destroy) client.destroy()
    else client.disconnect().catch(() => undefined)
  } catch {
    // It was closed before.
  }
}

async function untilReady(link: Link, limit: TimeLimit, address: string | undefined): Promise<void> {
  try {
    await limit.within(() => link.ready.promise, RECONNECT_LIMIT_MS)
  } catch {
    // Only a server from which there has been no answer and no error yet may take longer.
    if (link.failure !== undefined) throw redisFailure(link.failure, address)
    try {
      await limit.within(() => link.ready.promise)
    } catch (error) {
      throw redisFailure(link.failure ?? error, address)
    }
  }
}

/** @throws ConfigurationError when the package is not installed */
export async function loadRedis() {
  try {
    // Hidden from bundlers: an application without the package must build without an error.
    return await import(/* webpackIgnore: true */ 'redis')
  } catch (cause) {
    const advice = 'Run: npm install redis. If only traced files are deployed, pass a client to the store.'
    throw new ConfigurationError(`REDIS_URL is set, but the package redis is not installed. ${advice}`, {
      cause,
    })
  }
}
