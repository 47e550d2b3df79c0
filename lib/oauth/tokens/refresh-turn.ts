/**
 * One refresh and its turn: it has a place in the queue before its server, waits for one, or waits for something else
 * without one. A wait ends early when every caller that waits for the refresh has gone; a request under way does not.
 */
import { TokenRefreshError } from '../../errors.ts'
import type { SessionRow } from '../records/session-row.ts'
import type { ServerState } from '../server/server-state.ts'
import { MAX_WAIT_MS, type NoPlace, type RefreshQueue } from './refresh-queue.ts'

export interface RefreshTurn {
  /**
   * Waits for a place, also until the end of a pause that the server asked for; with a place it does nothing.
   *
   * @throws TokenRefreshError when there was none within 30 s, all waits of this refresh together; the reason of the last
   *   caller that went
   */
  take(): Promise<void>
  /** Gives the place back, if it has one. */
  giveBack(): void
  /** Waits without a place. Throws the reason of the last caller that went. */
  sleep(ms: number): Promise<void>
}

/** A turn with callers. */
export interface SharedTurn extends RefreshTurn {
  /** The refresh's result for one more caller, who may stop waiting for it. */
  share<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T>
  /** Whether it was given up, so that nobody can join it any more. */
  readonly isGivenUp: boolean
  /** How long the server wants to be left alone; 0 or less when it does not. */
  pauseMs(): number
  /** Whether there is time to wait for the end of that pause. */
  mayWaitForPause(): boolean
  /** When to try again if there is not. */
  comebackMs(): number
}

/** For work under the lock that sends nothing to the server. */
export const noTurn: RefreshTurn = {
  take: async () => {},
  giveBack: () => {},
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

export interface RefreshTurnDeps {
  /** The queue before the server. Asked for each time: the one before may have been dropped while it was empty. */
  readonly queue: () => RefreshQueue
  readonly servers: Pick<ServerState, 'pausedUntil'>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** A turn that has no place yet, and no callers. */
export function createRefreshTurn(row: SessionRow, { queue, servers, now }: RefreshTurnDeps): SharedTurn {
  const pauseMs = () => servers.pausedUntil(row.server.issuer) - now()
  const waits = createWaits()
  let leftMs = MAX_WAIT_MS
  let giveBackPlace: (() => void) | undefined

  function enter(resolve: () => void, reject: (reason: unknown) => void): () => void {
    const endsAt = performance.now() + leftMs
    const timeLeft = () => Math.max(0, endsAt - performance.now())
    return queue().enter({
      pauseMs,
      leftMs: timeLeft,
      onPlace(giveBack) {
        leftMs = timeLeft()
        giveBackPlace = giveBack
        resolve()
      },
      onRefused: (refusal) => reject(noPlaceError(row, refusal)),
    })
  }

  return {
    pauseMs,
    mayWaitForPause: () => pauseMs() <= leftMs,
    comebackMs: () => queue().comebackMs(Math.max(0, pauseMs())),
    share: waits.share,
    get isGivenUp() {
      return waits.areGivenUp()
    },
    async take() {
      if (!giveBackPlace) await waits.wait(enter)
    },
    giveBack() {
      giveBackPlace?.()
      giveBackPlace = undefined
    },
    sleep: (ms) =>
      waits.wait((resolve) => {
        const timer = setTimeout(resolve, ms)
        return () => clearTimeout(timer)
      }),
  }
}

/** Begins to wait; returns what ends that. */
type BeginWait = (resolve: () => void, reject: (reason: unknown) => void) => () => void

/** Waits that last as long as there is a caller. */
function createWaits() {
  let callers = 0
  let lastReason: unknown
  let giveUp: (() => void) | undefined
  let isGivenUp = false

  function leave(reason: unknown): void {
    callers -= 1
    lastReason = reason
    if (callers === 0) giveUp?.()
  }

  return {
    areGivenUp: () => isGivenUp,
    async wait(begin: BeginWait): Promise<void> {
      if (callers === 0) {
        isGivenUp = true
        throw lastReason
      }
      let isOver = false
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const finish = (settle: () => void) => {
        isOver = true
        giveUp = undefined
        settle()
      }
      const end = begin(
        () => finish(resolve),
        (reason) => finish(() => reject(reason)),
      )
      if (!isOver) {
        giveUp = () => {
          end()
          isGivenUp = true
          finish(() => reject(lastReason))
        }
      }
      return promise
    },
    share<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
      callers += 1
      if (!signal) return result
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          reject(signal.reason)
          leave(signal.reason)
        }
        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort, { once: true })
        result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
      })
    },
  }
}

function noPlaceError(
  { account, server: { issuer } }: SessionRow,
  { reason, retryAfterMs }: NoPlace,
): TokenRefreshError {
  const seconds = Math.ceil(retryAfterMs / 1_000)
  if (reason === 'paused') {
    const message = `${issuer} takes no token requests for another ${seconds} s.`
    return new TokenRefreshError(account.did, message, { issuer, retryAfterMs })
  }
  const message = `Too many sessions wait for ${issuer} to refresh their tokens. Try again in ${seconds} s.`
  const details = { code: 'server_unavailable', issuer, retryAfterMs, sent: false } as const
  return new TokenRefreshError(account.did, message, details)
}
