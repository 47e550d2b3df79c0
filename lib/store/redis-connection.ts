/**
 * A connection to Redis of our own: made at the first command, made again by itself, and given up as soon as the
 * server is silent on it, because a connection that died without a word would otherwise hang for minutes.
 */
import type { RedisClientType } from 'redis'
import { ConfigurationError, StoreUnavailableError } from '../errors.ts'
import { describeReply, describeTrouble, isSilence, replyCode, withinMs } from './redis-errors.ts'

/** How long a command may take in all, connecting and sending it again included. */
export const COMMAND_LIMIT_MS = 2_000
/** How long a command waits for a server that was lost: long enough for a blip, short when it is down. */
const RETURN_LIMIT_MS = 500
/** The longest pause between two attempts to reach the server again. */
const MAX_PAUSE_MS = 500

/** What the clients, pools and clusters of the package have. */
export interface RedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

export interface RedisConnection {
  /**
   * Does some work, and does it once more when the connection was lost meanwhile: it must bear being done twice.
   *
   * @throws StoreUnavailableError; ConfigurationError when the package is missing
   */
  run<T>(work: (client: RedisClient) => Promise<T>): Promise<T>
  /** Cuts the connection off; what is under way fails. */
  close(): void
}

interface Link {
  readonly client: RedisClientType
  /** Resolved while the connection stands; never rejected. */
  ready: PromiseWithResolvers<void>
  isReady: boolean
  /** Why the last attempt failed. */
  trouble: unknown
}

/** A connection to that URL, not made yet. */
export function createRedisConnection(url: string): RedisConnection {
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

  /** The next command opens another: also to another address, when the name has moved to a new primary. */
  async function abandon(used: Link): Promise<void> {
    const held = current
    // Several commands may give up the same connection, and the next one is not theirs to give up.
    if ((await held) === used && current === held) current = undefined
    used.client.destroy()
  }

  return {
    async run(work) {
      const endsAt = performance.now() + COMMAND_LIMIT_MS
      const leftMs = () => Math.max(1, endsAt - performance.now())
      for (let attempt = 1; ; attempt += 1) {
        const used = await link()
        await untilReady(used, leftMs())
        try {
          return await withinMs(leftMs(), () => work(used.client))
        } catch (error) {
          const code = replyCode(error)
          if (isSilence(error) || code === 'READONLY') await abandon(used)
          const isLost = code === undefined && !isSilence(error)
          const mayRepeat = attempt === 1 && !isClosed && (isLost || code === 'READONLY')
          if (!mayRepeat) throw redisFailure(error)
        }
      }
    },
    close() {
      isClosed = true
      current?.then(abandon, () => undefined)
    },
  }
}

/** What a failed command means, without anything secret. */
export function redisFailure(error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error
  const code = replyCode(error)
  // A refusal may quote the command; the cause is kept only where it cannot.
  if (code) return new StoreUnavailableError(`Redis refused to serve sessions: ${describeReply(code)}.`)
  return new StoreUnavailableError(`Redis, the session store, failed: ${describeTrouble(error)}.`, {
    cause: error,
  })
}

/** @param abandon gives up a connection on which the greeting has no answer: nobody else would notice */
async function open(url: string, abandon: (link: Link) => Promise<void>): Promise<Link> {
  const { createClient } = await loadRedis()
  const client: RedisClientType = createClient({
    url,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: COMMAND_LIMIT_MS,
      reconnectStrategy: (attempts) => Math.min(2 ** attempts * 25, MAX_PAUSE_MS),
    },
  })
  const link: Link = { client, ready: Promise.withResolvers(), isReady: false, trouble: undefined }
  let greeting: ReturnType<typeof setTimeout> | undefined
  client.on('connect', () => {
    greeting = setTimeout(() => void abandon(link), COMMAND_LIMIT_MS)
  })
  client.on('ready', () => {
    clearTimeout(greeting)
    link.isReady = true
    link.trouble = undefined
    link.ready.resolve()
  })
  // Without a listener the error would end the process.
  client.on('error', (error: unknown) => {
    clearTimeout(greeting)
    if (link.isReady) link.ready = Promise.withResolvers()
    link.isReady = false
    link.trouble = error
  })
  // It tries until it is closed, and says what is wrong by the event.
  client.connect().catch(() => undefined)
  return link
}

async function untilReady(link: Link, leftMs: number): Promise<void> {
  try {
    await withinMs(Math.min(leftMs, RETURN_LIMIT_MS), () => link.ready.promise)
  } catch {
    // Only a server that has said nothing yet, neither yes nor no, may take longer.
    if (link.trouble !== undefined) throw redisFailure(link.trouble)
    try {
      await withinMs(Math.max(1, leftMs - RETURN_LIMIT_MS), () => link.ready.promise)
    } catch (error) {
      throw redisFailure(link.trouble ?? error)
    }
  }
}

async function loadRedis() {
  try {
    // Not for bundlers: an application without the package must build without a complaint.
    return await import(/* webpackIgnore: true */ 'redis')
  } catch (cause) {
    const advice = 'Run: npm install redis. Where only traced files are deployed, hand in a client.'
    throw new ConfigurationError(`Sessions are to be kept in Redis, but its client is missing. ${advice}`, {
      cause,
    })
  }
}
