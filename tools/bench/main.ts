/**
 * `npm run bench`: what a sign-in, a call and a refresh cost, side by side with the peers in one run. Writes
 * docs/benchmarks.md. Requests are exact; times are medians of alternating runs and hold as ratios only.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type BenchNetwork, startBenchNetwork } from './network.ts'
import { type Peer, peers } from './peers.ts'
import { type RaceResult, race } from './race.ts'

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

interface Stopwatch {
  /** What the work gives; what it cost goes into the table. */
  time<T>(step: string, network: BenchNetwork, work: () => Promise<T>): Promise<T>
}

function createStopwatch(peer: Peer, table: Table): Stopwatch {
  return {
    async time(step, network, work) {
      await network.count()
      const begun = performance.now()
      const result = await work()
      const ms = performance.now() - begun
      const cost = { requests: await network.count(), ms }
      const row = table.get(step) ?? new Map<string, Cost[]>()
      table.set(step, row.set(peer.name, [...(row.get(peer.name) ?? []), cost]))
      return result
    },
  }
}

/** A whole life with tokens that last. */
async function live(peer: Peer, network: BenchNetwork, { time }: Stopwatch): Promise<void> {
  const start = peer.install(network)
  const first = start()
  await time('authorize, first of all', network, () => first.authorize())
  await time('authorize, again', network, () => first.authorize())
  const fresh = start()
  const url = await time('authorize, fresh process', network, () => fresh.authorize())
  const params = await network.approve(url)
  const call = await time('callback', network, () => fresh.callback(params))
  await time('first call', network, () => textOf(call(PATH)))
  await time('next call', network, () => textOf(call(PATH)))
  await time('fresh process: restore and call', network, async () => textOf((await start().restore())(PATH)))
}

/** A refresh in a process that has just started, with tokens that end soon. */
async function renew(peer: Peer, network: BenchNetwork, { time }: Stopwatch): Promise<void> {
  const start = peer.install(network)
  const first = start()
  const call = await first.callback(await network.approve(await first.authorize()))
  await textOf(call(PATH))
  await new Promise((resolve) => setTimeout(resolve, SHORT_MS + 100))
  await time('fresh process: restore and call, token ended', network, async () =>
    textOf((await start().restore())(PATH)),
  )
}

async function textOf(response: Promise<Response>): Promise<string> {
  return (await response).text()
}

/** CPU of this process for each restore and call, in microseconds, without latency. */
async function cpuPerCall(peer: Peer, network: BenchNetwork): Promise<number> {
  const client = peer.install(network)()
  const call = await client.callback(await network.approve(await client.authorize()))
  for (let n = 0; n < 50; n += 1) await textOf(call(PATH))
  const before = process.cpuUsage()
  for (let n = 0; n < CALLS; n += 1) {
    await textOf((await client.restore())(PATH))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

type Races = ReadonlyMap<string, readonly RaceResult[]>

/** Of all runs together. */
function raceRows(races: Races): string {
  const sum = (results: readonly RaceResult[], key: (result: RaceResult) => number) =>
    results.reduce((total, result) => total + key(result), 0)
  const rows = [...races].map(([name, results]) => {
    const answered = `${sum(results, ({ answered }) => answered)} of ${sum(results, ({ processes }) => processes)}`
    const alive = `${sum(results, ({ isAlive }) => Number(isAlive))} of ${results.length}`
    return `| ${name} | ${answered} | ${alive} |`
  })
  return rows.join('\n')
}

function render(table: Table, cpu: ReadonlyMap<string, readonly number[]>, races: Races): string {
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

## Four processes meet one ended token

Real processes on one SQLite file, each client as it comes: no lock is configured, which the two others have an option for. The
authorization server ends a session whose refresh token is used twice, as the reference PDS does.

| client | processes that got an answer | sessions that live afterwards |
| --- | ---: | ---: |
${raceRows(races)}
`
}

const networks = { long: await startBenchNetwork(HOUR_MS), short: await startBenchNetwork(SHORT_MS) }
const quick = await startBenchNetwork(HOUR_MS)
try {
  const table: Table = new Map()
  const cpu = new Map<string, number[]>()
  const races = new Map<string, RaceResult[]>()
  await Promise.all(Object.values(networks).map((network) => network.delay(LATENCY_MS)))
  for (let run = 0; run < RUNS; run += 1) {
    for (const peer of run % 2 ? peers.toReversed() : peers) {
      const stopwatch = createStopwatch(peer, table)
      await live(peer, networks.long, stopwatch)
      await renew(peer, networks.short, stopwatch)
      cpu.set(peer.name, [...(cpu.get(peer.name) ?? []), await cpuPerCall(peer, quick)])
      races.set(peer.name, [...(races.get(peer.name) ?? []), await race(peer, networks.short, SHORT_MS)])
      process.stderr.write(`run ${run + 1} of ${RUNS}: ${peer.name}\n`)
    }
  }
  const text = render(table, cpu, races)
  await writeFile(join(import.meta.dirname, '../../docs/benchmarks.md'), text)
  process.stdout.write(text)
} finally {
  await Promise.all([...Object.values(networks), quick].map((network) => network.stop()))
}
