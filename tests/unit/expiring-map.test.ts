import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ExpiringMap } from '../../lib/expiring-map.ts'

describe('ExpiringMap', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
  })

  it('gives a value back until its time is over, however often it is asked for', () => {
    const map = new ExpiringMap<string, number>(10, 1_000)
    map.set('a', 1)
    vi.advanceTimersByTime(999)
    expect(map.get('a')).toBe(1)
    vi.advanceTimersByTime(1)
    expect(map.get('a')).toBeUndefined()
  })

  it('lets go of each entry at its own time, although the map is not used any more', () => {
    const map = new ExpiringMap<string, number>(10, 1_000)
    const sizes: number[] = []
    for (const key of ['a', 'b', 'c']) {
      map.set(key, 1)
      vi.advanceTimersByTime(400)
    }
    for (let step = 0; step < 3; step += 1) {
      sizes.push(map.size)
      vi.advanceTimersByTime(400)
    }
    expect([...sizes, map.size]).toEqual([2, 1, 0, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets go of entries again after it was empty for a while', () => {
    const map = new ExpiringMap<string, number>(10, 1_000)
    map.set('a', 1)
    vi.advanceTimersByTime(5_000)
    map.set('b', 1)
    vi.advanceTimersByTime(1_000)
    expect(map.size).toBe(0)
  })

  it('counts the time from the last set', () => {
    const map = new ExpiringMap<string, number>(10, 1_000)
    map.set('a', 1)
    vi.advanceTimersByTime(800)
    map.set('a', 2)
    vi.advanceTimersByTime(800)
    expect(map.get('a')).toBe(2)
    vi.advanceTimersByTime(200)
    expect(map.size).toBe(0)
  })

  it('gives nothing back whose time went by while the process was suspended and its timers with it', () => {
    const map = new ExpiringMap<string, number>(10, 1_000)
    map.set('a', 1)
    const now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 1_000)
    onTestFinished(() => clock.mockRestore())
    expect(map.get('a')).toBeUndefined()
  })

  it('drops the entry that was set longest ago when it is full', () => {
    const map = new ExpiringMap<string, number>(2, 1_000)
    for (const key of ['a', 'b', 'c']) map.set(key, 1)
    expect([map.size, map.get('a'), map.get('b')]).toEqual([2, undefined, 1])
  })

  it('forgets what is deleted', () => {
    const map = new ExpiringMap<string, number>(2, 1_000)
    map.set('a', 1)
    map.delete('a')
    expect([map.size, map.get('a')]).toEqual([0, undefined])
  })
})
