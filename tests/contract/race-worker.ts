/**
 * One of several processes on one SQLite file: node sqlite-worker.ts <path> <owner> <rounds>. It says `ready`,
 * reads from its input at which time (epoch milliseconds) to begin, and prints how often it won each race.
 */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { createSqliteStore } from '../../lib/store/sqlite.ts'

const ROUND_MS = 12
const [path = '', owner = '', rounds = '0'] = process.argv.slice(2)
const store = createSqliteStore({ path })
const won = { take: 0, update: 0, lease: 0 }

process.stdout.write('ready\n')
const [line] = await once(process.stdin, 'data')
process.stdin.destroy()
const beginAt = Number(line)
for (let round = 0; round < Number(rounds); round += 1) {
  // Each round has its time on the clock: otherwise whoever is ahead once is ahead in every round.
  await setTimeout(Math.max(0, beginAt + round * ROUND_MS - Date.now()))
  if ((await store.take(`take ${round}`)) !== undefined) won.take += 1
  if (await store.update(`update ${round}`, owner, 1, 60_000)) won.update += 1
  if (await store.lease(`lease ${round}`, owner, 60_000)) won.lease += 1
}
await store.close()
process.stdout.write(`${JSON.stringify(won)}\n`)
