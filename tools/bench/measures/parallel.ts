/** Many calls of one process at the same time, all refused because the access token has become invalid. */
import { clientNames } from '../clients/index.ts'
import { alternate, createCollector, type Measure } from '../measure.ts'
import { person } from '../network/people.ts'

const CALLS = 200
const ROUND_TRIP_MS = 10

export const parallel: Measure = {
  name: 'parallel',
  async run(context) {
    const network = await context.network({ isTls: true, latencyMs: ROUND_TRIP_MS })
    const collector = createCollector()
    const runs = context.repeat(3, 1)
    for (let run = 0; run < runs; run += 1) {
      for (const client of alternate(clientNames, run)) {
        await using worker = await context.worker({ client, network })
        const { did } = await worker.signIn(network, person(0))
        await worker.do('call', {})
        await network.endAccessTokens()
        const before = await network.count()
        const { ms, answered } = await worker.do('parallel', { count: CALLS, did })
        const after = await network.count()
        const add = (name: string, unit: 'ms' | '', value: number) =>
          collector.add({ key: name, name, unit }, client, value)
        add(`calls that got an answer, of ${CALLS}`, '', answered)
        add('refreshes that were granted', '', after.refreshes - before.refreshes)
        add('refresh tokens that were sent twice', '', after.replays - before.replays)
        add('requests', '', after.all.requests - before.all.requests)
        add('new connections', '', after.all.connections - before.all.connections)
        add('wall time until the last call', 'ms', ms)
      }
      context.say(`run ${run + 1} of ${runs}`)
    }
    return {
      name: 'parallel',
      title: `${CALLS} calls at the same time, and a token that is no longer accepted`,
      about: `One process restores a session and calls the PDS ${CALLS} times at once. The PDS refuses the access token with
\`invalid_token\`, before its time, so no client can know. Over TLS, with ${ROUND_TRIP_MS} ms for a round trip; medians of ${runs} runs.`,
      tables: [{ head: '', columns: clientNames, rows: collector.rows() }],
    }
  },
}
