/**
 * What servers told this process with their last answers, kept for all sessions: by origin the DPoP nonce to use next
 * (RFC 9449 §8.2) and how far their clock is from ours, by issuer when to ask them again. Anyone's authorization server may
 * name an endpoint at the origin of another one, and must not speak for it.
 */
import { BoundedMap } from '../../bounded-map.ts'
import { retryAfterMs } from './retry-after.ts'

export interface ServerState {
  /** The DPoP nonce that the server wants next. */
  nonce(origin: string): string | undefined
  /** Epoch milliseconds at which the server gave that nonce; 0 when there is none. */
  nonceSeenAt(origin: string): number
  /** The nonce to send now, at most five minutes old; it may come from the shared cache. */
  recallNonce(origin: string, now: number): Promise<string | undefined>
  /** Milliseconds to add to our clock to read the server's; 0 while they agree to within 2 s. */
  clockOffsetMs(origin: string): number
  /** The same without that tolerance and without a limit, as the last answer showed it; undefined when it did not. */
  clockDifferenceMs(origin: string): number | undefined
  /** Epoch milliseconds before which the authorization server wants no more token requests; 0 when it said nothing. */
  pausedUntil(issuer: string): number
  /** Keeps the nonce of a response, whatever its status. */
  rememberNonce(origin: string, response: Response, now: number): void
  /** Keeps a nonce that another process was given, unless this one was given a newer one. */
  adoptNonce(origin: string, seen: SeenNonce): void
  /** Keeps how far the `Date` of a response, which must be fresh, is from our clock. */
  rememberClock(origin: string, response: Response, now: number): void
  /** Keeps the `Retry-After` of a token request that was turned away. */
  rememberPause(issuer: string, response: Response, now: number): void
}

export interface SeenNonce {
  readonly nonce: string
  /** Epoch milliseconds. */
  readonly seenAt: number
}

interface Memory {
  readonly seen: SeenNonce | undefined
  readonly clockDifferenceMs: number | undefined
  readonly pausedUntil: number
}

const nothing: Memory = { seen: undefined, clockDifferenceMs: undefined, pausedUntil: 0 }
/** RFC 9449 §8.1: NQCHAR; the length is ours, so that no server fills our memory. */
export const noncePattern = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
/** The profile's longest life of a nonce. A server may refuse an older one only after it has used up the code. */
const MAX_NONCE_AGE_MS = 5 * 60_000
const MAX_ORIGINS = 1_000
/** `Date` has whole seconds, and the response was delayed by the network. */
const CLOCK_NOISE_MS = 2_000
const MAX_CLOCK_OFFSET_MS = 24 * 60 * 60_000
/** However long the server asks for: a pause of an hour would keep people out. */
const MAX_PAUSE_MS = 5 * 60_000

/** An empty state of at most a thousand origins; the one heard from longest ago is dropped. */
export function createServerState(): ServerState {
  const memories = new BoundedMap<string, Memory>(MAX_ORIGINS)
  const recall = (origin: string) => memories.get(origin) ?? nothing

  function keep(origin: string, changes: Partial<Memory>): void {
    memories.set(origin, { ...recall(origin), ...changes })
  }

  return {
    nonce: (origin) => recall(origin).seen?.nonce,
    nonceSeenAt: (origin) => recall(origin).seen?.seenAt ?? 0,
    async recallNonce(origin, now) {
      const { seen } = recall(origin)
      return seen && isYoung(seen.seenAt, now) ? seen.nonce : undefined
    },
    clockOffsetMs: (origin) => usableOffset(recall(origin).clockDifferenceMs),
    clockDifferenceMs: (origin) => recall(origin).clockDifferenceMs,
    pausedUntil: (issuer) => recall(issuer).pausedUntil,
    rememberNonce(origin, response, now) {
      const nonce = readNonce(response)
      if (nonce !== undefined) keep(origin, { seen: { nonce, seenAt: now } })
    },
    adoptNonce(origin, seen) {
      const known = recall(origin).seen
      if (known === undefined || known.seenAt < seen.seenAt) keep(origin, { seen })
    },
    rememberClock(origin, response, now) {
      keep(origin, { clockDifferenceMs: differenceOf(response, now) })
    },
    rememberPause(issuer, response, now) {
      const pauseMs = retryAfterMs(response.headers, now)
      if (pauseMs !== undefined) keep(issuer, { pausedUntil: now + Math.min(pauseMs, MAX_PAUSE_MS) })
    },
  }
}

function differenceOf(response: Response, now: number): number | undefined {
  const difference = Date.parse(response.headers.get('date') ?? '') - now
  return Number.isNaN(difference) ? undefined : difference
}

function usableOffset(difference = 0): number {
  const size = Math.abs(difference)
  return size > CLOCK_NOISE_MS && size < MAX_CLOCK_OFFSET_MS ? difference : 0
}

/** Whether a nonce seen at that time may still be sent. A time that is to come is that of a clock that was set back. */
export function isYoung(seenAt: number, now: number): boolean {
  return Math.abs(now - seenAt) < MAX_NONCE_AGE_MS
}

/** The DPoP nonce that came with a response; undefined when there was none that may be used. */
export function readNonce(response: Response): string | undefined {
  const nonce = response.headers.get('dpop-nonce')
  return nonce !== null && noncePattern.test(nonce) ? nonce : undefined
}
