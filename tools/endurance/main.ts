/**
 * `npm run endurance -- <name> [--scale <share>] [--restart]`: long runs, each a program of its own. It prints each part
 * as it ends and a table at the end, and fails when anything was lost.
 *
 * Ctrl-C stops it. The same command then goes on with the parts that are missing, that which was under way among them, as
 * long as commit and scale are the same; `--restart` begins again.
 */
import { join } from 'node:path'
import { type Command, runCommand } from './command.ts'

const runs: Command['runs'] = {
  race: async () => (await import('./race.ts')).race,
  crash: async () => (await import('./crash.ts')).crash,
  pause: async () => (await import('./pause.ts')).pause,
  crowd: async () => (await import('./crowd/crowd.ts')).crowd,
  random: async () => (await import('./random/random.ts')).random,
  soak: async () => (await import('./soak/soak.ts')).soak,
}

const root = join(import.meta.dirname, '../..')
// What a part that failed has left open does not keep the process alive.
process.exit(await runCommand(process.argv.slice(2), { runs, root }))
