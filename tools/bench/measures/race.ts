/** Several processes of one application find the same token ended at the same moment; nothing is configured against it. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClientName, clientNames } from '../clients/index.ts'
import { alternate, type Context, createCollector, type Measure } from '../measure.ts'
import type { BenchNetwork } from '../network/network.ts'
import { person } from '../network/people.ts'

const LIFETIME_MS = 2_500
const LATENCY_MS = 50
const { did } = person(0)

export const race: Measure = {
  name: 'race',
  async run(context) {
    const network = await context.network({ lifetimeMs: LIFETIME_MS, latencyMs: LATENCY_MS })
    const collector = createCollector()
    const runs = context.repeat(3, 1)
    for (const processes of [4, 8]) {
      for (let run = 0; run < runs; run += 1) {
        for (const client of alternate(clientNames, run)) {
          const { answered, isAlive, refreshes } = await raceOnce(context, { client, network, processes })
          const add = (text: string, value: number) =>
            collector.add(
              { key: `${processes}: ${text}`, name: `${processes} processes: ${text}`, unit: '' },
              client,
              value,
            )
          add('got an answer', answered)
          add('refreshes that were granted', refreshes)
          add('sessions that live afterwards, of 1', Number(isAlive))
        }
        context.say(`${processes} processes: run ${run + 1} of ${runs}`)
      }
    }
    return {
      name: 'race',
      title: 'Several processes meet one ended token',
      about: `Real processes on one SQLite file, each client as it comes: no lock is configured, which the two others have an
option for. The authorization server ends a session whose refresh token is used twice, as the reference PDS does. Medians of
${runs} runs.`,
      tables: [{ head: '', columns: clientNames, rows: collector.rows() }],
    }
  },
}

interface RaceOptions {
  readonly client: ClientName
  readonly network: BenchNetwork
  readonly processes: number
}

async function raceOnce(context: Context, { client, network, processes }: RaceOptions) {
  await using ended = new AsyncDisposableStack()
  const place = { kind: 'sqlite', path: join(await context.folder(), 'sessions.sqlite') } as const
  const start = async () => ended.use(await context.worker({ client, network, place }))
  const first = await start()
  await first.signIn(network, person(0))
  const others = await Promise.all(Array.from({ length: processes }, start))
  await pause(LIFETIME_MS + 100)
  const before = await network.count()
  const results = await Promise.allSettled(others.map((worker) => worker.do('restore and call', { did })))
  const after = await network.count()
  const late = await start()
  const isAlive = await late.do('restore and call', { did }).then(
    () => true,
    () => false,
  )
  return {
    answered: results.filter(({ status }) => status === 'fulfilled').length,
    refreshes: after.refreshes - before.refreshes,
    isAlive,
  }
}
