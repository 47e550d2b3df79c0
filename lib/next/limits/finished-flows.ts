/**
 * The answers that callbacks have got. The same browser may ask again with the same URL: by its Back button, by a
 * double click, or because the first answer was lost. It gets the same answer, and the authorization server no second
 * request.
 */
import 'server-only'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Secrets } from '../../config/secrets.ts'
import { sha256 } from '../../crypto/hash.ts'
import { createSealer } from '../../crypto/seal.ts'
import type { Store } from '../../store/contract.ts'

/** What the first request of a callback got. */
export interface FinishedFlow {
  /** Where the browser was sent. */
  readonly path: string
  /** The session that the browser got. Undefined for a connection, whose session no browser gets. */
  readonly sessionId?: string | undefined
}

/** Every method throws StoreUnavailableError. */
export interface FinishedFlows {
  /** A turn, if this request is the first one with that OAuth `state` and has to do the work. */
  begin(oauthState: string): Promise<Turn | undefined>
  /** Keeps what the first request got, for ten minutes. */
  finish(callback: URLSearchParams, flow: FinishedFlow): Promise<void>
  /** Says that there will be no answer to give again, so that another request does not wait for it. */
  abandon(oauthState: string, turn: Turn): Promise<void>
  /**
   * What the first request got, if its parameters were the same. Without a turn, waits while that request is at work,
   * for up to half a minute. Undefined when it failed, had other parameters, or was more than ten minutes ago.
   */
  find(callback: URLSearchParams, turn?: Turn): Promise<FinishedFlow | undefined>
  /** The session that a flow ended with in the last ten minutes. */
  sessionOf(oauthState: string): Promise<string | undefined>
}

/** Owner of a lease. */
export type Turn = string

export interface FinishedFlowsDeps {
  readonly store: Store
  readonly secrets: Secrets
  /** Part of what every row is sealed for, so that two clients can share a store. */
  readonly clientId: string
}

/** How long a finished flow is remembered, in seconds. */
export const FINISHED_TTL_S = 10 * 60
/** Longer than an exchange takes with all its deadlines. */
const WORK_MS = 60_000
const WAIT_MS = 30_000
/** The first pause of one who waits; each further one is twice as long, up to a second: anyone can repeat a callback. */
const POLL_MS = 100
const MAX_POLL_MS = 1_000

const rowSchema = z.object({
  answer: z.string(),
  path: z.string(),
  sessionId: z.string().optional(),
  /** Epoch milliseconds. */
  expiresAt: z.number(),
})

export function createFinishedFlows({ store, secrets, clientId }: FinishedFlowsDeps): FinishedFlows {
  const sealer = createSealer(secrets, 'finished flow row')
  const keyOf = (oauthState: string) => `finished:${sha256(oauthState)}`
  const context = (oauthState: string) => ['finished', clientId, sha256(oauthState)]

  async function read(oauthState: string) {
    const stored = await store.get(keyOf(oauthState))
    const parsed = rowSchema.safeParse(stored && (await sealer.open(stored.value, context(oauthState))))
    return parsed.success && parsed.data.expiresAt > Date.now() ? parsed.data : undefined
  }

  /** Whether the first request is still at work: it holds its lease until it fails, or long after it is done. */
  async function isAtWork(oauthState: string): Promise<boolean> {
    const waiter = randomUUID()
    if (!(await store.lease(keyOf(oauthState), waiter, POLL_MS))) return true
    await store.release(keyOf(oauthState), waiter)
    return false
  }

  async function pollUntilDone(oauthState: string) {
    const endsAt = Date.now() + WAIT_MS
    for (let pauseMs = POLL_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_POLL_MS)) {
      const row = await read(oauthState)
      if (row || Date.now() > endsAt || !(await isAtWork(oauthState))) return row
      await pause(pauseMs)
    }
  }

  /** One wait for all requests of this process that repeat a callback: a thousand of them must not keep the store busy. */
  const waits = new Map<string, ReturnType<typeof pollUntilDone>>()

  function readWhenDone(oauthState: string) {
    const known = waits.get(oauthState)
    if (known) return known
    const wait = pollUntilDone(oauthState).finally(() => waits.delete(oauthState))
    waits.set(oauthState, wait)
    return wait
  }

  return {
    async begin(oauthState) {
      const turn = randomUUID()
      return (await store.lease(keyOf(oauthState), turn, WORK_MS)) ? turn : undefined
    },
    async finish(callback, { path, sessionId }) {
      const oauthState = stateOf(callback)
      const ttlMs = FINISHED_TTL_S * 1000
      const row = { answer: answerOf(callback), path, sessionId, expiresAt: Date.now() + ttlMs }
      await store.set(keyOf(oauthState), await sealer.seal(row, context(oauthState)), ttlMs)
    },
    async abandon(oauthState, turn) {
      await store.release(keyOf(oauthState), turn)
    },
    async find(callback, turn) {
      const oauthState = stateOf(callback)
      const row = await (turn === undefined ? readWhenDone(oauthState) : read(oauthState))
      return row?.answer === answerOf(callback) ? row : undefined
    },
    async sessionOf(oauthState) {
      return (await read(oauthState))?.sessionId
    },
  }
}

function stateOf(callback: URLSearchParams): string {
  return callback.get('state') ?? ''
}

/** What has to be the same in a repeated request. The code itself is not kept. */
function answerOf(callback: URLSearchParams): string {
  return sha256(JSON.stringify([callback.get('code'), callback.get('iss')]))
}
