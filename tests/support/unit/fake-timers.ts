/** Fake timers that also hold the sleeps of `node:timers/promises`, which Vitest's own leave alone. */
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'
import { vi } from 'vitest'

const realSleep = timers.setTimeout

/** Stops the timers until a test moves the time with `vi.advanceTimersByTimeAsync`. */
export function useFakeTimers(options?: Parameters<typeof vi.useFakeTimers>[0]): void {
  vi.useFakeTimers(options)
  // The sleeps of lib/ give no value.
  const sleep = (ms?: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
  Object.assign(timers, { setTimeout: sleep })
  syncBuiltinESMExports()
}

/** Lets the real time run again. */
export function useRealTimers(): void {
  vi.useRealTimers()
  Object.assign(timers, { setTimeout: realSleep })
  syncBuiltinESMExports()
}
