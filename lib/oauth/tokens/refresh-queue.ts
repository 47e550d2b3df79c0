/**
 * The queue of a process before one authorization server. When the tokens of a crowd end together, so many refreshes are
 * under way at a time, and the others wait: a slow server gets slower when it is asked more. Only refreshes wait here.
 * Code exchanges, pushed authorization requests and revocations do not.
 */
import { createComebackTimes, spread } from './comeback-times.ts'

/** How many refreshes a process has under way at one server. docs/reliability.md has the arithmetic. */
export const PLACES = 64
/** Further ones are turned away at once: they would not get a place in time, and each costs memory. */
export const MAX_WAITING = 5_000
/** How long a refresh waits for its places. */
export const MAX_WAIT_MS = 30_000
/** After a pause that the server asked for, the places are given one by one over this time. */
const RESTART_MS = 1_000
/** How often the end of a pause is looked for, as the clock may be set. */
const LOOK_MS = 1_000

/** A refresh that wants a place. */
export interface PlaceRequest {
  /** How long the server wants to be left alone from now on; 0 or less when it does not. */
  pauseMs(): number
  /** How long the refresh may still wait. */
  leftMs(): number
  /** Called once if there is a place, with the function that gives it back. */
  onPlace(giveBack: () => void): void
  /** Called once if there is none. */
  onRefused(refusal: NoPlace): void
}

export interface NoPlace {
  /** The server wants to be left alone for longer than the refresh may wait, or there were too many before it. */
  readonly reason: 'paused' | 'full'
  /** When to try again: those that are turned away get times that lie apart. */
  readonly retryAfterMs: number
}

export interface RefreshQueue {
  /** Whether one that enters now has to wait. */
  readonly isCrowded: boolean
  /** When one that is turned away may come back, after the end of a pause: behind those that wait, if there are any. */
  comebackMs(pauseMs: number): number
  /** Asks for a place. Returns a function that ends the wait; it does nothing when the wait is over. */
  enter(request: PlaceRequest): () => void
}

/** @param onIdle called whenever no refresh is under way or waits */
export function createRefreshQueue(onIdle: () => void): RefreshQueue {
  /** With the timers that end their waits, in the order of their arrival. */
  const waiting = new Map<PlaceRequest, ReturnType<typeof setTimeout>>()
  const comebackTimes = createComebackTimes(MAX_WAIT_MS)
  let taken = 0
  let restartUntil = 0
  let wakeUp: ReturnType<typeof setTimeout> | undefined

  function admit(): void {
    // A timer runs while the server is left alone, and while the places are given one by one.
    if (wakeUp) return
    for (const request of waiting.keys()) {
      if (taken >= PLACES) return
      const pauseMs = request.pauseMs()
      if (pauseMs > request.leftMs()) refusePaused(request, pauseMs)
      else if (pauseMs > 0) restartUntil = performance.now() + pauseMs + RESTART_MS
      else start(request)
      if (performance.now() < restartUntil) {
        wakeIn(pauseMs > 0 ? Math.min(pauseMs, LOOK_MS) : (Math.random() * 2 * RESTART_MS) / PLACES)
        return
      }
    }
    if (taken === 0 && waiting.size === 0) onIdle()
  }

  function wakeIn(ms: number): void {
    wakeUp = setTimeout(() => {
      wakeUp = undefined
      admit()
    }, ms)
  }

  function start(request: PlaceRequest): void {
    forget(request)
    taken += 1
    let isHeld = true
    request.onPlace(() => {
      if (!isHeld) return
      isHeld = false
      taken -= 1
      comebackTimes.count()
      admit()
    })
  }

  function forget(request: PlaceRequest): void {
    clearTimeout(waiting.get(request))
    waiting.delete(request)
  }

  function refuseFull(request: PlaceRequest): void {
    forget(request)
    request.onRefused({ reason: 'full', retryAfterMs: comebackMs(0) })
    admit()
  }

  function refusePaused(request: PlaceRequest, pauseMs: number): void {
    forget(request)
    request.onRefused({ reason: 'paused', retryAfterMs: comebackMs(pauseMs) })
  }

  function comebackMs(pauseMs: number): number {
    const isFree = waiting.size === 0 && taken < PLACES
    return isFree ? spread(pauseMs) : Math.max(spread(pauseMs), comebackTimes.nextMs(waiting.size))
  }

  return {
    comebackMs,
    get isCrowded() {
      return taken >= PLACES || wakeUp !== undefined
    },
    enter(request) {
      const pauseMs = request.pauseMs()
      if (pauseMs > request.leftMs()) refusePaused(request, pauseMs)
      else if (waiting.size >= MAX_WAITING) refuseFull(request)
      else waiting.set(request, setTimeout(refuseFull, request.leftMs(), request))
      admit()
      return () => {
        forget(request)
        admit()
      }
    },
  }
}
