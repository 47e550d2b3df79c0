/** What a crowd came to, as figures that are kept, and as a table. */
import { loadavg } from 'node:os'
import type { KeptResult, PartResult } from '../long-run.ts'
import { renderCells } from '../report.ts'
import type { CallOutcome } from './app-process.ts'
import type { CrowdFigures } from './play.ts'

/** Milliseconds, bytes and counts; the table shows seconds and MiB. */
interface Figures {
  readonly valid: number
  readonly validFailed: number
  readonly ended: number
  /** Calls whose token had ended and whose first try was told to come again. */
  readonly endedFailed: number
  readonly tries: number
  /** From the call to the answer. */
  readonly longestMs: number
  /** Of the first tries of those whose token had ended. */
  readonly medianMs: number
  readonly almostAllMs: number
  readonly lastMs: number
  readonly mostAtOnce: number
  readonly refreshes: number
  readonly replays: number
  readonly rateLimited: number
  readonly rss: number
  readonly cpuMsOfACall: number
  readonly load: number
}

/** The figures as the counts of a part, and what should not have happened. */
export function resultOf({ servers, apps }: CrowdFigures): PartResult {
  const outcomes = apps.flatMap((app) => app.outcomes)
  const valid = outcomes.filter(({ wasValid }) => wasValid)
  const ended = outcomes.filter(({ wasValid }) => !wasValid)
  const waits = ended.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const waitAt = (share: number) => waits[Math.floor((waits.length - 1) * share)] ?? 0
  const figures: Figures = {
    valid: valid.length,
    validFailed: valid.filter(hasFailed).length,
    ended: ended.length,
    endedFailed: ended.filter(({ tries: [first] }) => isForNow(first)).length,
    tries: Math.max(...outcomes.map(({ tries }) => tries.length)),
    longestMs: Math.max(...outcomes.map(({ allMs }) => allMs)),
    medianMs: waitAt(0.5),
    almostAllMs: waitAt(0.99),
    lastMs: waitAt(1),
    mostAtOnce: servers.most,
    refreshes: servers.refreshes,
    replays: servers.replays,
    rateLimited: servers.turnedAway,
    rss: Math.max(...apps.map(({ rss }) => rss)),
    cpuMsOfACall: apps.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / outcomes.length,
    load: loadavg()[0] ?? 0,
  }
  return { counts: { ...figures }, lost: lossesOf(outcomes, servers, figures) }
}

function lossesOf(
  outcomes: readonly CallOutcome[],
  { replays, twice }: CrowdFigures['servers'],
  { validFailed }: Figures,
): readonly string[] {
  const others = outcomes.flatMap(({ tries }) => tries).filter((outcome) => !isExpected(outcome))
  const counted = [...Map.groupBy(others, (outcome) => outcome)].map(
    ([name, all]) => `${all.length} × ${name}`,
  )
  const untold = outcomes.reduce((sum, outcome) => sum + outcome.untold, 0)
  const neverServed = outcomes.filter(({ tries }) => tries.at(-1) !== '200').length
  return [
    ...sentence(validFailed, 'calls failed although their token was valid'),
    ...sentence(neverServed, 'calls did not succeed in the end'),
    ...sentence(untold, 'failures did not say when to try again'),
    ...sentence(others.length, `failures of another kind: ${counted.join(', ')}`),
    ...sentence(replays, 'refresh tokens were used twice'),
    ...sentence(twice, 'sessions were refreshed more than once'),
  ]
}

function sentence(count: number, what: string): readonly string[] {
  return count > 0 ? [`${count} ${what}`] : []
}

const hasFailed = ({ tries: [first] }: CallOutcome) => first !== '200'
const isExpected = (outcome: string) => outcome === '200' || isForNow(outcome)

/** The session is kept, and the same call may work later: what a page answers with 503. */
function isForNow(outcome: string | undefined): boolean {
  return outcome === 'refresh_failed' || outcome === 'server_unavailable' || outcome === 'store_unavailable'
}

const head = [
  ...['', 'load', 'valid: failed', 'ended: failed at first', 'tries, and the longest until the answer'],
  ...['ended: median, 99 %, longest wait', 'at once at the server', 'refreshes, replays, 429'],
  ...['memory of a process', 'CPU of a call', 'lost'],
]

/** A row for each scenario. */
export function renderCrowds(results: readonly KeptResult[]): string {
  return renderCells([head, ...results.map(cellsOf)])
}

function cellsOf({ row, counts, lost }: KeptResult): readonly (string | number)[] {
  const of = (name: keyof Figures) => counts[name] ?? 0
  const seconds = (name: keyof Figures) => (of(name) / 1_000).toFixed(1)
  return [
    row,
    of('load').toFixed(0),
    `${grouped(of('validFailed'))} of ${grouped(of('valid'))}`,
    `${grouped(of('endedFailed'))} of ${grouped(of('ended'))}`,
    `${of('tries')}, ${seconds('longestMs')} s`,
    `${seconds('medianMs')}, ${seconds('almostAllMs')}, ${seconds('lastMs')} s`,
    of('mostAtOnce'),
    `${grouped(of('refreshes'))}, ${of('replays')}, ${of('rateLimited')}`,
    `${Math.round(of('rss') / 2 ** 20)} MiB`,
    `${of('cpuMsOfACall').toFixed(1)} ms`,
    lost.length,
  ]
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}
