/**
 * `npm run bench`: what a sign-in, a call and a refresh cost, side by side with the peers in one run. Writes
 * docs/benchmarks.md. Requests are exact; times are medians of alternating runs and hold as ratios only.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type BenchNetwork, startBenchNetwork } from './network.ts'
import { type Peer, type Process, peers } from './peers.ts'

const RUNS = 5
const LATENCY_MS = 50
const CALLS = 400
const HOUR_MS = 3_600_000
const SHORT_MS = 1_500
const PATH = '/xrpc/com.example.echo'

interface Cost {
  readonly requests: number
  readonly ms: number
}
type Table = Map<string, Map<string, Cost[]>>

async function measure(network: BenchNetwork, work: () => Promise<unknown>): Promise<Cost> {
  await network.count()
  const begun = performance.now()
  await work()
  const ms = performance.now() - begun
  return { requests: await network.count(), ms }
}

/** A whole life with tokens that last; then, with short ones, a refresh in a fresh process. */
async function live(
  peer: Peer,
  networks: { readonly long: BenchNetwork; readonly short: BenchNetwork },
  table: Table,
) {
  const note = (step: string, cost: Cost) => {
    const row = table.get(step) ?? new Map<string, Cost[]>()
    table.set(step, row.set(peer.name, [...(row.get(peer.name) ?? []), cost]))
  }
  const { long, short } = networks
  const start = peer.install(long)
  const process1 = start()
  let url = new URL('http://unset.invalid')
  note('authorize, first of all', await measure(long, async () => void (url = await process1.authorize())))
  note('authorize, again', await measure(long, async () => void (url = await process1.authorize())))
  const fresh = start()
  note('authorize, fresh process', await measure(long, async () => void (url = await fresh.authorize())))
  const params = await long.approve(url)
  let call = await finish(fresh, params, long, note)
  note('first call', await measure(long, async () => (await call(PATH)).text()))
  note('next call', await measure(long, async () => (await call(PATH)).text()))
  note(
    'fresh process: restore and call',
    await measure(long, async () => {
      call = await start().restore()
      await (await call(PATH)).text()
    }),
  )

  const startShort = peer.install(short)
  const first = startShort()
  call = await first.callback(await short.approve(await first.authorize()))
  await (await call(PATH)).text()
  await new Promise((resolve) => setTimeout(resolve, SHORT_MS + 100))
  note(
    'fresh process: restore and call, token ended',
    await measure(short, async () => {
      const renewed = await startShort().restore()
      await (await renewed(PATH)).text()
    }),
  )
}

async function finish(
  process: Process,
  params: URLSearchParams,
  network: BenchNetwork,
  note: (step: string, cost: Cost) => void,
) {
  let call = (_: string): Promise<Response> => Promise.reject(new Error('not signed in'))
  note('callback', await measure(network, async () => void (call = await process.callback(params))))
  return call
}

/** CPU of this process for each restore and call, in microseconds, without latency. */
async function cpuPerCall(peer: Peer, network: BenchNetwork): Promise<number> {
  const client = peer.install(network)()
  const call = await client.callback(await network.approve(await client.authorize()))
  for (let n = 0; n < 50; n += 1) await (await call(PATH)).text()
  const before = process.cpuUsage()
  for (let n = 0; n < CALLS; n += 1) {
    const restored = await client.restore()
    await (await restored(PATH)).text()
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function render(table: Table, cpu: ReadonlyMap<string, readonly number[]>): string {
  const names = peers.map(({ name }) => name)
  const cells = (row: Map<string, Cost[]>) =>
    names.map((name) => {
      const costs = row.get(name) ?? []
      return `${median(costs.map(({ requests }) => requests))} · ${Math.round(median(costs.map(({ ms }) => ms)))} ms`
    })
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return `# Benchmarks

Made by \`npm run bench\` on Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), medians of ${RUNS} alternating runs, all
clients in one run against one loopback network in another process: handle resolver, PLC directory, authorization server and
PDS, which check PKCE, DPoP, nonces and single-use refresh tokens. Every answer is ${LATENCY_MS} ms late. The cells are requests and
wall time. Requests are exact; the times hold as ratios. A fresh process knows what is in its stores, nothing else.

${line(['step', ...names])}
${line(['---', ...names.map(() => '---:')])}
${[...table].map(([step, row]) => line([step, ...cells(row)])).join('\n')}
${line(['CPU for each restore and call', ...names.map((name) => `${Math.round(median(cpu.get(name) ?? []))} µs`)])}

The first two steps of a callback here are the code exchange and the verification of the account, which run beside each other;
nonces and server metadata are in the store, so a fresh process need not ask for them. What is measured is the loopback
client; a confidential one signs one assertion more for each request to the authorization server.
`
}

const networks = { long: await startBenchNetwork(HOUR_MS), short: await startBenchNetwork(SHORT_MS) }
const quick = await startBenchNetwork(HOUR_MS)
try {
  const table: Table = new Map()
  const cpu = new Map<string, number[]>()
  await Promise.all(Object.values(networks).map((network) => network.delay(LATENCY_MS)))
  for (let run = 0; run < RUNS; run += 1) {
    for (const peer of run % 2 ? peers.toReversed() : peers) {
      await live(peer, networks, table)
      cpu.set(peer.name, [...(cpu.get(peer.name) ?? []), await cpuPerCall(peer, quick)])
      process.stderr.write(`run ${run + 1} of ${RUNS}: ${peer.name}\n`)
    }
  }
  const text = render(table, cpu)
  await writeFile(join(import.meta.dirname, '../../docs/benchmarks.md'), text)
  process.stdout.write(text)
} finally {
  await Promise.all([...Object.values(networks), quick].map((network) => network.stop()))
}
