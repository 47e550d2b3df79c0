/** One process of the application: it makes the calls of its part of the crowd, each at its time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { OAuthClient } from '../../../lib/oauth/client.ts'
import { openStore } from '../../../tests/support/contract/open-store.ts'
import { clientOptions, type Origins } from './client.ts'
import { type Member, memberOf, type Scenario } from './scenario.ts'

export interface AppSetup {
  readonly scenario: Scenario
  readonly origins: Origins
  readonly address: string
  /** Which of the processes this is. */
  readonly index: number
}

export interface AppCommand {
  readonly name: 'begin'
  /** Epoch milliseconds. */
  readonly startAt: number
  /** What the rows take for the start: their tokens count from there. */
  readonly rowsStartAt: number
}

/** What became of one call. */
export interface CallOutcome {
  /** Whether its token was valid for a second at least when it was made, so that it still was at the PDS. */
  readonly wasValid: boolean
  /** A status, or the code of an error: of each try, in order. */
  readonly tries: readonly string[]
  /** How long the first try took, in milliseconds. */
  readonly ms: number
  /** Tries that failed for a while without saying how long. */
  readonly untold: number
  /** How long after the call its answer was there, in milliseconds. */
  readonly allMs: number
}

export interface AppFigures {
  readonly outcomes: readonly CallOutcome[]
  /** The most memory at one time, in bytes. */
  readonly rss: number
  /** Processor time, in milliseconds. */
  readonly cpuMs: number
}

const MAX_TRIES = 12
const ON_ITS_WAY_MS = 1_000
/** What is waited where nothing is said: as the handlers of the library say it. */
const UNTOLD_MS = 5_000
const { scenario, origins, address, index }: AppSetup = JSON.parse(process.argv[2] ?? '')
const store = openStore(scenario.store, address)
const lateWork = new Set<Promise<unknown>>()
/** The clock goes after, by as much as it took to store the rows. */
let lateMs = 0
const client = new OAuthClient({
  ...clientOptions(store, origins),
  now: () => Date.now() - lateMs,
  waitUntil(work) {
    lateWork.add(work)
    void work.finally(() => lateWork.delete(work))
  },
})

interface Try {
  readonly outcome: string
  /** Undefined when trying again is of no use; null when it is, but nobody said when. */
  readonly againAfterMs: number | null | undefined
}

/** As a page does it: the session of the cookie, and a call with it. */
async function tryCall({ did, id }: Member): Promise<Try> {
  try {
    const session = await client.restore(did, false, { sessionId: id })
    const response = await session.fetchHandler('/xrpc/com.example.crowd')
    await response.arrayBuffer()
    return { outcome: String(response.status), againAfterMs: undefined }
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) return { outcome: String(error), againAfterMs: undefined }
    const told = 'retryAfterMs' in error ? error.retryAfterMs : undefined
    const againAfterMs = typeof told === 'number' ? told : null
    return { outcome: error.code, againAfterMs: error.retryable ? againAfterMs : undefined }
  }
}

async function call(member: Member, startAt: number): Promise<CallOutcome> {
  await sleep(startAt + member.callAfterMs - Date.now())
  const begun = performance.now()
  const wasValid = Date.now() + ON_ITS_WAY_MS < startAt + member.tokenEndsAfterMs
  const tries: string[] = []
  let [ms, untold] = [0, 0]
  for (;;) {
    const { outcome, againAfterMs } = await tryCall(member)
    tries.push(outcome)
    if (tries.length === 1) ms = performance.now() - begun
    if (againAfterMs === null) untold += 1
    if (againAfterMs === undefined || tries.length >= MAX_TRIES) break
    await sleep(againAfterMs ?? UNTOLD_MS)
  }
  return { wasValid, tries, ms, untold, allMs: performance.now() - begun }
}

process.once('message', async ({ startAt, rowsStartAt }: AppCommand) => {
  lateMs = startAt - rowsStartAt
  const cpuBefore = process.cpuUsage()
  let rss = 0
  const watch = setInterval(() => {
    rss = Math.max(rss, process.memoryUsage.rss())
  }, 250)
  const own: Promise<CallOutcome>[] = []
  for (let number = index; number < scenario.sessions; number += scenario.processes)
    own.push(call(memberOf(number, scenario), startAt))
  const outcomes = await Promise.all(own)
  while (lateWork.size > 0) await Promise.allSettled(lateWork)
  clearInterval(watch)
  const { user, system } = process.cpuUsage(cpuBefore)
  process.send?.({ outcomes, rss, cpuMs: (user + system) / 1_000 } satisfies AppFigures)
})
process.once('disconnect', () => process.exit())
await store.ping()
process.send?.('ready')
