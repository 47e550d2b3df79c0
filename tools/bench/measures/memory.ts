/** Memory that a client keeps for sessions that were used. */
import { join } from 'node:path'
import { clientNames } from '../clients/index.ts'
import { createCollector, type Measure } from '../measure.ts'
import { person } from '../network/people.ts'
import type { SessionName } from '../work/jobs.ts'

export const memory: Measure = {
  name: 'memory',
  async run(context) {
    const network = await context.network()
    const collector = createCollector()
    const [runs, sessions] = [context.repeat(3, 1), context.repeat(500, 50)]
    for (const client of clientNames) {
      const place = { kind: 'sqlite', path: join(await context.folder(), 'sessions.sqlite') } as const
      const names: SessionName[] = []
      {
        await using first = await context.worker({ client, network, place })
        for (let n = 0; n < sessions; n += 1) names.push(await first.signIn(network, person(n)))
      }
      for (let run = 0; run < runs; run += 1) {
        await using worker = await context.worker({ client, network, place })
        // What is loaded and compiled at the first use is not a session's.
        await worker.do('use', { names: names.slice(0, 10), hold: false })
        const before = await worker.do('memory', {})
        await worker.do('use', { names, hold: false })
        const after = await worker.do('memory', {})
        await worker.do('use', { names, hold: true })
        const held = await worker.do('memory', {})
        const add = (name: string, unit: 'KiB' | 'MiB', value: number) =>
          collector.add({ key: name, name, unit }, client, value)
        add('heap of the process before', 'MiB', before.heap / 2 ** 20)
        add('resident size of the process before', 'MiB', before.rss / 2 ** 20)
        add(
          'heap for each session that was used, objects dropped',
          'KiB',
          (after.heap - before.heap) / sessions / 1024,
        )
        add('heap for each session object that is kept', 'KiB', (held.heap - after.heap) / sessions / 1024)
        add('resident size of the process afterwards', 'MiB', held.rss / 2 ** 20)
      }
      context.say(client)
    }
    return {
      name: 'memory',
      title: 'Memory',
      about: `A process restores ${sessions} sessions of as many accounts from a SQLite file and calls the PDS with each; sizes after garbage
collection, medians of ${runs} processes. The second time it keeps the session objects.`,
      tables: [{ head: '', columns: clientNames, rows: collector.rows() }],
    }
  },
}
