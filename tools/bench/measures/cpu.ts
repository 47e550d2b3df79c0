/** CPU of restoring a session and of calling with it. */
import { clientNames } from '../clients/index.ts'
import { alternate, createCollector, type Measure } from '../measure.ts'
import { person } from '../network/people.ts'
import type { CpuStep } from '../work/jobs.ts'

const steps: readonly { readonly key: string; readonly name: string; readonly step: CpuStep }[] = [
  { key: 'restore and call', name: 'restore + call', step: 'restore and call' },
  { key: 'restore', name: 'restore alone', step: 'restore' },
  { key: 'restore by id', name: 'restore alone, by the id of the session', step: 'restore by id' },
  { key: 'call', name: 'call alone, the same session object', step: 'call' },
]

export const cpu: Measure = {
  name: 'cpu',
  async run(context) {
    const network = await context.network()
    const collector = createCollector()
    const [runs, count] = [context.repeat(7, 2), context.repeat(500, 100)]
    for (let run = 0; run < runs; run += 1) {
      for (const client of alternate(clientNames, run)) {
        await using worker = await context.worker({ client, network })
        const name = await worker.signIn(network, person(0))
        // Until the code is compiled.
        await worker.do('cpu', { step: 'restore and call', count, name })
        for (const { key, name: title, step } of alternate(steps, run)) {
          if (step === 'restore by id' && name.id === undefined) continue
          const { us } = await worker.do('cpu', { step, count, name })
          collector.add({ key, name: title, unit: 'µs' }, client, us)
        }
      }
      context.say(`run ${run + 1} of ${runs}`)
    }
    return {
      name: 'cpu',
      title: 'CPU',
      about: `CPU (user and system) of the client's process for each step, over plain http on loopback, ${count} steps in
each of ${runs} processes for each client, which take turns, after a warm-up of as many. Each client uses its own transport: this library
node:https and node:http, the other two the global fetch. Sessions are in memory, and those of this library in sealed rows,
which it opens; the other two get objects back, as their stores in memory give them. “By the id” is what \`getSession()\` of
the Next.js integration does; the others have one session for each account, and so have we in the line above it.`,
      tables: [{ head: 'CPU of', columns: clientNames, rows: inOrder(collector.rows()) }],
    }
  },
}

/** The first run decides the order in which rows come, and the steps take turns. */
function inOrder<R extends { readonly key: string }>(rows: readonly R[]): readonly R[] {
  return steps.flatMap(({ key }) => rows.filter((row) => row.key === key))
}
