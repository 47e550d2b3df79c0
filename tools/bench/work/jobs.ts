/** What a worker can do with its client. Times are taken here, in the process that does the work. */
import type {
  Installation,
  MeasuredClient,
  MeasuredSession,
  RestoreChoice,
  StoreCalls,
} from '../clients/client.ts'
import { percentile } from '../statistics.ts'

/** The process's client and its newest session. */
export interface Workplace {
  readonly installation: Installation
  client: MeasuredClient
  session: MeasuredSession | undefined
  /** Sessions that a measure of memory keeps. */
  readonly held: MeasuredSession[]
}

export interface SessionName {
  readonly did: string
  readonly id: string | undefined
}

export type CpuStep = 'restore' | 'restore by id' | 'call' | 'restore and call'

const CALL = '/xrpc/com.example.echo'
const WRITE = '/xrpc/com.atproto.repo.createRecord'
const RECORD = JSON.stringify({
  repo: 'self',
  collection: 'app.bsky.feed.post',
  record: { text: 'Hello', createdAt: '2026-01-01T00:00:00.000Z' },
})

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const begun = performance.now()
  const result = await work()
  return { ms: performance.now() - begun, result }
}

function sessionOf({ session }: Workplace): MeasuredSession {
  if (!session) throw new Error('This process has no session yet.')
  return session
}

/** The size of a good answer. */
async function answerTo(session: MeasuredSession, path: string, init: RequestInit = {}): Promise<number> {
  const response = await session.fetch(path, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`The PDS answered ${response.status}: ${text.slice(0, 200)}`)
  return Buffer.byteLength(text)
}

export const jobs = {
  /** A new client on the same stores, which knows nothing else. */
  async restart(place: Workplace): Promise<void> {
    place.client = place.installation.start()
    place.session = undefined
  },
  async authorize({ client }: Workplace, { handle }: { readonly handle: string }) {
    const { ms, result } = await timed(() => client.authorize(handle))
    return { ms, url: result.href }
  },
  async callback(place: Workplace, { query }: { readonly query: string }) {
    const { ms, result } = await timed(() => place.client.callback(new URLSearchParams(query)))
    place.session = result
    return { ms, did: result.did, id: result.id }
  },
  async restore(place: Workplace, choice: RestoreChoice) {
    const { ms, result } = await timed(() => place.client.restore(choice))
    place.session = result
    return { ms }
  },
  async call(place: Workplace, { path = CALL }: { readonly path?: string }) {
    const { ms, result } = await timed(() => answerTo(sessionOf(place), path))
    return { ms, bytes: result }
  },
  async write(place: Workplace, _: object) {
    const headers = { 'content-type': 'application/json' }
    return timed(() => answerTo(sessionOf(place), WRITE, { method: 'POST', headers, body: RECORD }))
  },
  async 'restore and call'(place: Workplace, choice: RestoreChoice) {
    return timed(async () => answerTo(await place.client.restore(choice), CALL))
  },
  /** CPU of this process for each of `count` steps, one after the other, in microseconds. */
  async cpu(place: Workplace, { step, count, name }: { step: CpuStep; count: number; name: SessionName }) {
    const { did, id } = name
    const { client } = place
    const steps: Record<CpuStep, () => Promise<unknown>> = {
      restore: () => client.restore({ did }),
      'restore by id': () => client.restore({ did, id }),
      call: () => answerTo(sessionOf(place), CALL),
      'restore and call': async () => answerTo(await client.restore({ did }), CALL),
    }
    const before = process.cpuUsage()
    for (let n = 0; n < count; n += 1) await steps[step]()
    const { user, system } = process.cpuUsage(before)
    return { us: (user + system) / count }
  },
  /** Calls at the same time, each on a session that it restores. */
  async parallel({ client }: Workplace, { count, did }: { readonly count: number; readonly did: string }) {
    const { ms, result } = await timed(() =>
      Promise.allSettled(
        Array.from({ length: count }, async () => answerTo(await client.restore({ did }), CALL)),
      ),
    )
    return { ms, answered: result.filter(({ status }) => status === 'fulfilled').length }
  },
  /** Restores sessions by their ids in turn: CPU of each in microseconds, and the median time. */
  async 'restore each'(
    { client }: Workplace,
    { names, count }: { names: readonly SessionName[]; count: number },
  ) {
    const before = process.cpuUsage()
    const times: number[] = []
    for (let n = 0; n < count; n += 1) {
      const name = names[n % names.length]
      if (name) times.push((await timed(() => client.restore(name))).ms)
    }
    const { user, system } = process.cpuUsage(before)
    return { cpuUs: (user + system) / count, p50Us: percentile(times, 50) * 1000 }
  },
  async 'refresh each'({ client }: Workplace, { names }: { readonly names: readonly SessionName[] }) {
    const times: number[] = []
    for (const name of names) times.push((await timed(() => client.restore({ ...name, refresh: true }))).ms)
    return { p50Ms: percentile(times, 50) }
  },
  async 'store calls'({ installation }: Workplace, _: object): Promise<StoreCalls> {
    return installation.takeStoreCalls()
  },
  /** Restores each session and calls with it. `hold` keeps the session objects. */
  async use(place: Workplace, { names, hold }: { names: readonly SessionName[]; hold: boolean }) {
    for (const name of names) {
      const session = await place.client.restore(name)
      await answerTo(session, CALL)
      if (hold) place.held.push(session)
    }
  },
  /** Bytes in use after garbage collection. */
  async memory(_: Workplace, __: object) {
    // Twice, because finalizers free more.
    for (const _ of [1, 2]) {
      globalThis.gc?.()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const { heapUsed, rss } = process.memoryUsage()
    return { heap: heapUsed, rss }
  },
}

export type Jobs = typeof jobs
