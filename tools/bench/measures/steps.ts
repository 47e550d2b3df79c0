/** Requests and time of each step of a session's life. */
import { type ClientName, clientNames } from '../clients/index.ts'
import { alternate, type Collector, createCollector, type Measure } from '../measure.ts'
import type { BenchNetwork } from '../network/network.ts'
import { person } from '../network/people.ts'
import type { Worker } from '../work/worker.ts'

const LATENCY_MS = 50
const SHORT_MS = 1_500
const { did, handle } = person(0)

export const steps: Measure = {
  name: 'steps',
  async run(context) {
    const collectors = { requests: createCollector(), ms: createCollector() }
    const networks = {
      long: await context.network({ latencyMs: LATENCY_MS }),
      short: await context.network({ latencyMs: LATENCY_MS, lifetimeMs: SHORT_MS }),
    }
    const runs = context.repeat(3, 1)
    for (let run = 0; run < runs; run += 1) {
      for (const client of alternate(clientNames, run)) {
        const time = (network: BenchNetwork) => createStopwatch({ client, network, ...collectors })
        await live(
          await context.worker({ client, network: networks.long }),
          networks.long,
          time(networks.long),
        )
        await renew(
          await context.worker({ client, network: networks.short }),
          networks.short,
          time(networks.short),
        )
      }
      context.say(`run ${run + 1} of ${runs}`)
    }
    return {
      name: 'steps',
      title: 'A sign-in, step by step',
      about: `Every answer of the network is ${LATENCY_MS} ms late, on plain http; medians of ${runs} runs. Requests are exact.
A fresh process knows what is in its stores, nothing else. The first two steps of a callback here are the code exchange and
the verification of the account, which run beside each other; nonces and server metadata are in the store, so a fresh
process need not ask for them. What is measured is the loopback client; a confidential one signs one assertion more for
each request to the authorization server.`,
      tables: [
        { head: 'requests', columns: clientNames, rows: collectors.requests.rows() },
        { head: 'wall time', columns: clientNames, rows: collectors.ms.rows() },
      ],
    }
  },
}

interface StopwatchOptions {
  readonly client: ClientName
  readonly network: BenchNetwork
  readonly requests: Collector
  readonly ms: Collector
}

type Stopwatch = <T extends { readonly ms: number }>(step: string, work: () => Promise<T>) => Promise<T>

function createStopwatch({ client, network, requests, ms }: StopwatchOptions): Stopwatch {
  return async (step, work) => {
    const before = await network.count()
    const result = await work()
    const after = await network.count()
    requests.add(
      { key: `requests: ${step}`, name: step, unit: '' },
      client,
      after.all.requests - before.all.requests,
    )
    ms.add({ key: `time: ${step}`, name: step, unit: 'ms' }, client, result.ms)
    return result
  }
}

/** A whole life with tokens that last. */
async function live(worker: Worker, network: BenchNetwork, time: Stopwatch): Promise<void> {
  await using client = worker
  await time('authorize, first of all', () => client.do('authorize', { handle }))
  await time('authorize, again', () => client.do('authorize', { handle }))
  await client.do('restart', undefined)
  const { url } = await time('authorize, fresh process', () => client.do('authorize', { handle }))
  const query = await network.approve(url, did)
  await time('callback', () => client.do('callback', { query }))
  await time('first call', () => client.do('call', {}))
  await time('next call', () => client.do('call', {}))
  await client.do('restart', undefined)
  await time('fresh process: restore and call', () => client.do('restore and call', { did }))
}

/** A refresh in a process that has just started, with tokens that end soon. */
async function renew(worker: Worker, network: BenchNetwork, time: Stopwatch): Promise<void> {
  await using client = worker
  await client.signIn(network, person(0))
  await client.do('call', {})
  await client.do('restart', undefined)
  await new Promise((resolve) => setTimeout(resolve, SHORT_MS + 100))
  await time('fresh process: restore and call, token ended', () => client.do('restore and call', { did }))
}
