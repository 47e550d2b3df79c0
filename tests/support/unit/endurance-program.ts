/**
 * A command of long runs for the tests of its frame: node endurance-program.ts <root> <arguments>. Its parts write their
 * names into `played` in that folder, and do what the variable HOW says, such as `{"second":"wait"}`.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, runCommand } from '../../../tools/endurance/command.ts'
import type { LongRun, PartResult } from '../../../tools/endurance/long-run.ts'
import { openRedis } from '../faults/store-place.ts'
import { makeTemporaryFolder } from '../temporary-folder.ts'

/** What a part does: it counts one, loses something, throws, never ends, or never ends with a suspended Redis. */
export type How = 'count' | 'lose' | 'throw' | 'wait' | 'wait with a Redis'

const [root = '', ...args] = process.argv.slice(2)
const how: Readonly<Record<string, How>> = JSON.parse(process.env.HOW ?? '{}')

async function play(name: string): Promise<PartResult> {
  appendFileSync(join(root, 'played'), `${name}\n`)
  const done: How = how[name] ?? 'count'
  if (done === 'throw') throw new Error('there is no such store')
  if (done === 'wait') await waitForever()
  if (done === 'wait with a Redis') {
    const { redis } = await openRedis('redis')
    redis.freeze()
    writeFileSync(join(root, 'started'), JSON.stringify([redis.port, makeTemporaryFolder('endurance').path]))
    await waitForever()
  }
  return { counts: { calls: 1 }, lost: done === 'lose' ? ['a session ended'] : [] }
}

function waitForever(): Promise<never> {
  return new Promise(() => setInterval(() => undefined, 1_000))
}

const sample: LongRun = {
  what: 'a run of three parts',
  counts: ['calls'],
  parts: () => ['first', 'second', 'third'].map((name) => ({ row: 'redis', name, play: () => play(name) })),
}

const hanging: LongRun = {
  what: 'a run that is given up',
  counts: [],
  parts: () => [{ row: 'redis', name: 'only', limitMinutes: 0.001, play: waitForever }],
}

const single: LongRun = {
  ...sample,
  single: { usage: '  --size 1', play: async (given) => [`alone: ${given.join(' ')}`] },
}

const runs: Command['runs'] = {
  sample: async () => sample,
  hanging: async () => hanging,
  single: async () => single,
}
process.exit(await runCommand(args, { runs, root }))
