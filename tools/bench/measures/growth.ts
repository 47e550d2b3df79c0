/** What a read and a refresh cost when a store holds many sessions. Of this library alone: the others bring no store. */
import { join } from 'node:path'
import { startRedis } from '../../../tests/support/redis-server.ts'
import type { StorePlace } from '../clients/client.ts'
import { type Collector, type Context, createCollector, type Measure } from '../measure.ts'
import type { BenchNetwork } from '../network/network.ts'
import { person } from '../network/people.ts'
import { percentile } from '../statistics.ts'
import { fillRedis, fillSqlite, sizeOfRedis, sizeOfSqlite } from '../work/fill-store.ts'
import type { SessionName } from '../work/jobs.ts'
import type { Worker } from '../work/worker.ts'

/** Sessions that were begun by a sign-in; the rest are copies of their rows under other names. */
const SIGNED_IN = 10
const READS: ReadonlySet<string> = new Set(['get', 'members', 'take'])

export const growth: Measure = {
  name: 'growth',
  async run(context) {
    const network = await context.network()
    const sizes = context.isQuick ? [10, 1_000] : [10, 1_000, 100_000]
    const collectors = { SQLite: createCollector(), Redis: createCollector() }
    for (const size of sizes) {
      const path = join(await context.folder(), 'sessions.sqlite')
      await measureAt({
        context,
        network,
        collector: collectors.SQLite,
        size,
        place: { kind: 'sqlite', path },
        fill: (count) => fillSqlite(path, count),
        bytes: () => sizeOfSqlite(path),
      })
      context.say(`SQLite with ${size} sessions`)
    }
    for (const size of sizes) {
      const redis = await startRedis()
      try {
        const empty = await sizeOfRedis(redis.url)
        await measureAt({
          context,
          network,
          collector: collectors.Redis,
          size,
          place: { kind: 'redis', url: redis.url },
          fill: (count) => fillRedis(redis.url, count),
          bytes: async () => (await sizeOfRedis(redis.url)) - empty,
        })
      } finally {
        await redis.stop()
      }
      context.say(`Redis with ${size} sessions`)
    }
    const columns = sizes.map(columnOf)
    return {
      name: 'growth',
      title: 'Growth of the store',
      about: `The same work on stores that hold more and more sessions: ${SIGNED_IN} that were signed in, which are measured, and copies of
their rows under other names. “Restore” is one session by its id, as \`getSession()\` does it, each in a process that has opened
it before; a refresh includes its requests to the loopback network.`,
      tables: Object.entries(collectors).map(([head, collector]) => ({
        head,
        columns,
        rows: collector.rows(),
      })),
    }
  },
}

const columnOf = (size: number) => `${size.toLocaleString('en')} sessions`

interface Growth {
  readonly context: Context
  readonly network: BenchNetwork
  readonly collector: Collector
  readonly size: number
  readonly place: StorePlace
  fill(count: number): Promise<void>
  bytes(): Promise<number>
}

async function measureAt({ context, network, collector, size, place, fill, bytes }: Growth): Promise<void> {
  const names: SessionName[] = []
  const add = (key: string, unit: 'µs' | 'ms' | 'MiB' | '', value: number) =>
    collector.add({ key, name: key, unit }, columnOf(size), value)
  {
    await using worker = await context.worker({ client: 'next-atproto-auth', network, place })
    for (let n = 0; n < SIGNED_IN; n += 1) names.push(await worker.signIn(network, person(n)))
  }
  await fill(size - SIGNED_IN)
  const count = context.repeat(500, 50)
  for (let run = 0; run < context.repeat(3, 1); run += 1) {
    await using worker = await context.worker({ client: 'next-atproto-auth', network, place })
    await worker.do('restore each', { names, count })
    const { cpuUs, p50Us } = await worker.do('restore each', { names, count })
    add('restore: CPU', 'µs', cpuUs)
    add('restore: wall time, median', 'µs', p50Us)
    const { p50Ms } = await worker.do('refresh each', { names })
    add('refresh: wall time, median', 'ms', p50Ms)
  }
  await using counting = await context.worker({
    client: 'next-atproto-auth',
    network,
    place,
    isCounting: true,
  })
  await countCalls(counting, names, add)
  add('size of the store', 'MiB', (await bytes()) / 2 ** 20)
}

async function countCalls(
  worker: Worker,
  names: readonly SessionName[],
  add: (key: string, unit: 'ms' | '', value: number) => void,
): Promise<void> {
  for (const name of names) {
    await worker.do('store calls', {})
    await worker.do('restore and call', name)
    const calls = Object.entries(await worker.do('store calls', {}))
    const sum = (isRead: boolean) =>
      calls.reduce((total, [method, { length }]) => total + (READS.has(method) === isRead ? length : 0), 0)
    add('restore and call: reads of the store', '', sum(true))
    add('restore and call: other calls of the store', '', sum(false))
  }
  await worker.do('refresh each', { names })
  const { update = [] } = await worker.do('store calls', {})
  add('refresh: one write of the row, median', 'ms', percentile(update, 50))
}
