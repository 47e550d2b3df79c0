/** Time, requests, connections and bytes over TLS on a link with 50 ms for a round trip. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClientName, clientNames } from '../clients/index.ts'
import { alternate, type Collector, type Context, createCollector, type Measure } from '../measure.ts'
import type { BenchNetwork } from '../network/network.ts'
import { person } from '../network/people.ts'
import { trafficSince } from '../network/traffic.ts'
import type { Worker } from '../work/worker.ts'

const ROUND_TRIP_MS = 50
const QUIET_MS = 3_000
const ROTATIONS = 5
const TIMELINE = '/xrpc/app.bsky.feed.getTimeline'

type Take = <T extends { readonly ms: number }>(step: string, work: () => Promise<T>) => Promise<T>

export const tls: Measure = {
  name: 'tls',
  async run(context) {
    const network = await context.network({ isTls: true, latencyMs: ROUND_TRIP_MS })
    const collectors = {
      ms: createCollector(),
      requests: createCollector(),
      connections: createCollector(),
      bytes: createCollector(),
    }
    const runs = context.repeat(5, 1)
    for (let run = 0; run < runs; run += 1) {
      for (const client of alternate(clientNames, run))
        await live(context, { client, network, ...collectors })
      context.say(`run ${run + 1} of ${runs}`)
    }
    const table = (head: string, collector: Collector) => ({
      head,
      columns: clientNames,
      rows: collector.rows(),
    })
    return {
      name: 'tls',
      title: 'Over TLS',
      about: `TLS 1.3 on a link with ${ROUND_TRIP_MS} ms for a round trip, the one that opens a connection included; medians of ${runs} runs. Connections
are TCP connections that the servers accepted, bytes those of both directions on the wire, handshakes included. The servers
keep idle connections for 90 s. They compress with Brotli or gzip when asked, as the reference PDS does.`,
      tables: [
        table('wall time', collectors.ms),
        table('requests', collectors.requests),
        table('new connections', collectors.connections),
        table('bytes on the wire', collectors.bytes),
      ],
    }
  },
}

interface Life {
  readonly client: ClientName
  readonly network: BenchNetwork
  readonly ms: Collector
  readonly requests: Collector
  readonly connections: Collector
  readonly bytes: Collector
}

async function live(context: Context, life: Life): Promise<void> {
  const { client, network } = life
  const { did } = person(0)
  const take = createTake(life)
  const place = { kind: 'sqlite', path: join(await context.folder(), 'sessions.sqlite') } as const
  {
    await using first = await context.worker({ client, network, place })
    await first.signIn(network, person(0))
  }
  {
    await using worker = await context.worker({ client, network, place })
    await take('new process: restore and first call', async () => {
      const restored = await worker.do('restore', { did })
      const { ms } = await worker.do('call', {})
      return { ms: ms + restored.ms }
    })
    await take('next call', () => worker.do('call', {}))
    await take('write after 3 s of quiet', async () => {
      await pause(QUIET_MS)
      return worker.do('write', {})
    })
    await take('call after the nonce has changed', () => callWithNewNonces(worker, network, 1))
    await take('timeline of 50 posts', () => worker.do('call', { path: TIMELINE }))
  }
  await using worker = await context.worker({ client, network, place })
  await worker.do('restore', { did })
  const title = `new process: ${ROTATIONS} calls, each after the nonce has changed`
  await take(title, () => callWithNewNonces(worker, network, ROTATIONS))
}

async function callWithNewNonces(worker: Worker, network: BenchNetwork, count: number) {
  let ms = 0
  for (let n = 0; n < count; n += 1) {
    await network.rotateNonces()
    ms += (await worker.do('call', {})).ms
  }
  return { ms }
}

function createTake({ client, network, ms, requests, connections, bytes }: Life): Take {
  return async (step, work) => {
    const before = await network.count()
    const result = await work()
    const after = await network.count()
    const all = trafficSince(before.all, after.all)
    ms.add({ key: `time: ${step}`, name: step, unit: 'ms' }, client, result.ms)
    requests.add({ key: `requests: ${step}`, name: step, unit: '' }, client, all.requests)
    connections.add({ key: `connections: ${step}`, name: step, unit: '' }, client, all.connections)
    bytes.add({ key: `bytes: ${step}`, name: step, unit: 'B' }, client, all.bytes)
    return result
  }
}
