/** An hour of random use: 20 parts of three minutes, each with a seed of its own. */
import { storeKinds } from '../../../tests/support/faults/store-place.ts'
import type { LongRun } from '../long-run.ts'
import { playRandomPart } from './play-part.ts'

const PARTS = 20
const PART_MS = 3 * 60_000
const usual = { processes: 4, browsers: 36, lanes: 8, troubleEveryMs: 7_000 }

export const random: LongRun = {
  what: 'an hour of random use of four processes, with outages, faults, kills and restarts',
  counts: ['actions', 'sign-ins', 'calls', 'refreshes', 'troubles', 'failed', 'ended', 'stalls'],
  parts(scale) {
    const count = Math.max(1, Math.round(PARTS * scale))
    // Below the length of one part, that one is shorter.
    const ms = Math.round(Math.min(PART_MS, PARTS * PART_MS * scale))
    return Array.from({ length: count }, (_, index) => {
      const kind = storeKinds[index % storeKinds.length] ?? 'sqlite'
      const seed = `random-${index + 1}`
      return { row: kind, name: seed, play: () => playRandomPart({ ...usual, seed, kind, ms }) }
    })
  },
}
