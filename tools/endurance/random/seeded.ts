/** Random choices that a seed determines. */
import { createHash } from 'node:crypto'

export interface Dice {
  /** From 0 to below 1. */
  share(): number
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  /** One of them; undefined when there are none. */
  pick<T>(items: readonly T[]): T | undefined
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
}

/** The same choices for the same seed. */
export function createDice(seed: string): Dice {
  let state = createHash('sha256').update(seed).digest().readUInt32BE()
  // mulberry32
  const share = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(share() * limit)
  return {
    share,
    below,
    pick: (items) => items[below(items.length)],
    weighted(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[]
      const sum = names.reduce((total, name) => total + weights[name], 0)
      let left = share() * sum
      for (const name of names) {
        left -= weights[name]
        if (left < 0) return name
      }
      throw new RangeError('There is nothing to choose from.')
    },
  }
}
