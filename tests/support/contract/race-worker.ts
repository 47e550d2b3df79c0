/**
 * One of several processes on one store: node race-worker.ts <kind> <address> <owner>. It says `ready`, runs the
 * round whose number it reads, says `done`, and at the end of its input prints how often it won.
 */
import { createInterface } from 'node:readline'
import { openStore } from './open-store.ts'

const [kind = '', address = '', owner = ''] = process.argv.slice(2)
const store = openStore(kind, address)
const won = { take: 0, update: 0, lease: 0, delete: 0, counted: 0 }

// The first command also makes the connection.
await store.ping()
process.stdout.write('ready\n')
for await (const round of createInterface(process.stdin)) {
  if ((await store.take(`take ${round}`)) !== undefined) won.take += 1
  if (await store.update(`update ${round}`, owner, 1, 60_000)) won.update += 1
  if (await store.lease(`lease ${round}`, owner, 60_000)) won.lease += 1
  if (await store.delete(`delete ${round}`, 1)) won.delete += 1
  await store.addMember('index', `${owner} ${round}`, 60_000)
  won.counted = Math.max(won.counted, await store.increment('count', 60_000))
  process.stdout.write('done\n')
}
await store.close()
process.stdout.write(`${JSON.stringify(won)}\n`)
