/** The queue before one authorization server: who gets a place, and what becomes of those who get none. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createRefreshQueue,
  MAX_WAIT_MS,
  MAX_WAITING,
  type NoPlace,
  PLACES,
  type RefreshQueue,
} from '../../../../lib/oauth/tokens/refresh-queue.ts'
import { useFakeTimers, useRealTimers } from '../../../support/unit/fake-timers.ts'

beforeEach(() => useFakeTimers())
afterEach(() => useRealTimers())

/** A queue, and what happened to those who entered it, in order. */
function openQueue() {
  const idle = vi.fn()
  const queue = createRefreshQueue(idle)
  const placed: { readonly name: number; readonly giveBack: () => void }[] = []
  const refused: NoPlace[] = []
  let pausedUntil = 0
  return {
    placed,
    refused,
    idle,
    names: () => placed.map(({ name }) => name),
    pause: (ms: number) => {
      pausedUntil = performance.now() + ms
    },
    enter: (name: number) => enter(queue, name),
    enterAll: (count: number) => Array.from({ length: count }, (_, name) => enter(queue, name)),
  }
  function enter(into: RefreshQueue, name: number) {
    const endsAt = performance.now() + MAX_WAIT_MS
    return into.enter({
      pauseMs: () => pausedUntil - performance.now(),
      leftMs: () => Math.max(0, endsAt - performance.now()),
      onPlace: (giveBack) => void placed.push({ name, giveBack }),
      onRefused: (refusal) => void refused.push(refusal),
    })
  }
}

describe('places', () => {
  it('are given at once while there are any, and then in the order of arrival', () => {
    const { enterAll, placed, names } = openQueue()
    enterAll(PLACES + 3)
    expect(placed).toHaveLength(PLACES)
    placed.at(5)?.giveBack()
    placed.at(6)?.giveBack()
    expect(names().slice(PLACES)).toEqual([PLACES, PLACES + 1])
  })

  it('that are given back twice count once', () => {
    const { enterAll, placed } = openQueue()
    enterAll(PLACES + 3)
    placed.at(0)?.giveBack()
    placed.at(0)?.giveBack()
    expect(placed).toHaveLength(PLACES + 1)
  })

  it('are not given to one that has left', () => {
    const { enterAll, placed, names } = openQueue()
    const leave = enterAll(PLACES + 2)
    leave.at(PLACES)?.()
    placed.at(0)?.giveBack()
    expect(names().at(-1)).toBe(PLACES + 1)
  })

  it('leave a queue that is told to be idle once the last is given back', () => {
    const { enterAll, placed, idle } = openQueue()
    enterAll(2)
    placed.at(0)?.giveBack()
    expect(idle).not.toHaveBeenCalled()
    placed.at(1)?.giveBack()
    expect(idle).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('one without a place', () => {
  it('is turned away after thirty seconds', () => {
    const { enterAll, refused } = openQueue()
    enterAll(PLACES + 1)
    vi.advanceTimersByTime(MAX_WAIT_MS - 1)
    expect(refused).toEqual([])
    vi.advanceTimersByTime(1)
    expect(refused).toMatchObject([{ reason: 'full' }])
  })

  it('is told a time at the pace of the server, each a later one', () => {
    const { enterAll, placed, refused } = openQueue()
    enterAll(PLACES + 400)
    // Two a second: some sixty get a place, and the others are turned away.
    for (let half = 0; half < 60; half += 1) {
      vi.advanceTimersByTime(500)
      placed.at(half)?.giveBack()
    }
    const times = refused.map(({ retryAfterMs }) => retryAfterMs)
    expect(times.length).toBeGreaterThan(330)
    // The last one has about 340 before it, of whom two come back in a second.
    expect(Math.max(...times)).toBeGreaterThan(170_000)
    expect(Math.max(...times)).toBeLessThan(250_000)
  })

  it('is told five minutes and a fifth at most, also by a server that answers nothing', () => {
    const { enterAll, refused } = openQueue()
    enterAll(PLACES + 2_000)
    vi.advanceTimersByTime(MAX_WAIT_MS)
    expect(refused).toHaveLength(2_000)
    expect(Math.max(...refused.map(({ retryAfterMs }) => retryAfterMs))).toBeLessThanOrEqual(360_000)
  })

  it('is turned away at once when too many wait, so that memory is bounded', () => {
    const { enterAll, refused } = openQueue()
    enterAll(PLACES + MAX_WAITING + 7)
    expect(refused).toHaveLength(7)
    expect(vi.getTimerCount()).toBeLessThanOrEqual(MAX_WAITING + 1)
  })
})

describe('a pause that the server asked for', () => {
  it('is waited for, and then the places are given one by one', () => {
    const { enterAll, enter, placed, pause } = openQueue()
    pause(5_000)
    enterAll(10)
    vi.advanceTimersByTime(4_999)
    expect(placed).toEqual([])
    vi.advanceTimersByTime(1)
    expect(placed).toHaveLength(1)
    enter(11)
    expect(placed).toHaveLength(1)
    vi.advanceTimersByTime(1_100)
    expect(placed).toHaveLength(11)
  })

  it('turns away those who may not wait so long, with its end as the time to come back', () => {
    const { enter, refused, pause } = openQueue()
    pause(40_000)
    enter(1)
    expect(refused).toMatchObject([{ reason: 'paused' }])
    expect(refused.at(0)?.retryAfterMs).toBeGreaterThanOrEqual(40_000)
    expect(refused.at(0)?.retryAfterMs).toBeLessThanOrEqual(48_000)
  })

  it('tells those who may not wait so long a time behind those who wait', () => {
    const { enterAll, enter, refused, pause } = openQueue()
    enterAll(PLACES + 300)
    pause(MAX_WAIT_MS + 1_000)
    enter(1)
    const [{ retryAfterMs } = { retryAfterMs: 0 }] = refused
    // Nothing was answered yet: one in a second is assumed.
    expect(retryAfterMs).toBeGreaterThanOrEqual(MAX_WAIT_MS + 1_000)
    expect(refused.at(0)).toMatchObject({ reason: 'paused' })
  })

  it('that is asked for while others wait is waited for too', () => {
    const { enterAll, placed, pause } = openQueue()
    enterAll(PLACES + 1)
    pause(2_000)
    placed.at(0)?.giveBack()
    expect(placed).toHaveLength(PLACES)
    vi.advanceTimersByTime(2_000)
    expect(placed).toHaveLength(PLACES + 1)
  })
})
