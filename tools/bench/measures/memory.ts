/** Memory that a client keeps for sessions that were used, and what restoring costs before and after it keeps them. */
import { join } from 'node:path'
import { type ClientName, clientNames } from '../clients/index.ts'
import { type Collector, type Context, createCollector, type Measure } from '../measure.ts'
import type { BenchNetwork } from '../network/network.ts'
import { person } from '../network/people.ts'
import type { SessionName } from '../work/jobs.ts'

/** Of all sessions, those with which code is loaded and compiled, which is not a session's. */
const WARM_UP = 20

interface Sessions {
  readonly client: ClientName
  readonly network: BenchNetwork
  readonly place: { readonly kind: 'sqlite'; readonly path: string }
  readonly names: readonly SessionName[]
}

export const memory: Measure = {
  name: 'memory',
  async run(context) {
    const network = await context.network()
    const collectors = { memory: createCollector(), cpu: createCollector() }
    const [runs, count] = [context.repeat(3, 1), context.repeat(500, 50)]
    for (const client of clientNames) {
      const sessions = await signInMany(context, { client, network, count: count + WARM_UP })
      for (let run = 0; run < runs; run += 1) {
        await measureMemory(context, sessions, collectors.memory)
        await measureCpu(context, sessions, collectors.cpu)
      }
      context.say(client)
    }
    return {
      name: 'memory',
      title: 'Memory, and sessions that a process has not seen',
      about: `A new process restores ${count} sessions of as many accounts from a SQLite file; medians of ${runs} processes. Sizes are those
after garbage collection, when the PDS was called with each session; the second time, the session objects are kept. The second
table restores each session once, and then once more: what a process keeps of a session shows in the difference.`,
      tables: [
        { head: 'memory', columns: clientNames, rows: collectors.memory.rows() },
        { head: 'CPU', columns: clientNames, rows: collectors.cpu.rows() },
      ],
    }
  },
}

async function signInMany(
  context: Context,
  { client, network, count }: Pick<Sessions, 'client' | 'network'> & { readonly count: number },
): Promise<Sessions> {
  const place = { kind: 'sqlite', path: join(await context.folder(), 'sessions.sqlite') } as const
  const names: SessionName[] = []
  await using worker = await context.worker({ client, network, place })
  for (let n = 0; n < count; n += 1) names.push(await worker.signIn(network, person(n)))
  return { client, network, place, names }
}

async function measureMemory(context: Context, { names, ...where }: Sessions, collector: Collector) {
  await using worker = await context.worker(where)
  const add = (name: string, unit: 'KiB' | 'MiB', bytes: number) =>
    collector.add({ key: name, name, unit }, where.client, bytes / (unit === 'KiB' ? 2 ** 10 : 2 ** 20))
  const measured = names.slice(WARM_UP)
  await worker.do('use', { names: names.slice(0, WARM_UP), hold: false })
  const before = await worker.do('memory', {})
  await worker.do('use', { names: measured, hold: false })
  const after = await worker.do('memory', {})
  await worker.do('use', { names: measured, hold: true })
  const held = await worker.do('memory', {})
  add('heap of the process before', 'MiB', before.heap)
  add('resident size of the process before', 'MiB', before.rss)
  add('heap for each session that was used', 'KiB', (after.heap - before.heap) / measured.length)
  add('heap for each session object that is kept', 'KiB', (held.heap - after.heap) / measured.length)
  add('resident size of the process afterwards', 'MiB', held.rss)
}

async function measureCpu(context: Context, { names, ...where }: Sessions, collector: Collector) {
  await using worker = await context.worker(where)
  const known = names.slice(0, WARM_UP)
  const measured = names.slice(WARM_UP)
  await worker.do('restore each', { names: known, count: measured.length })
  for (const name of ['restore, for the first time in a process', 'restore, once more']) {
    const { cpuUs } = await worker.do('restore each', { names: measured, count: measured.length })
    collector.add({ key: name, name, unit: 'µs' }, where.client, cpuUs)
  }
}
