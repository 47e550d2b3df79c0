/** The figures of a crowd as rows of a table. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import type { CallOutcome } from './app-process.ts'
import type { CrowdFigures } from './crowd.ts'
import type { Scenario } from './scenario.ts'

const head = [
  ...['store', 'processes', 'sessions', 'server'],
  ...['valid: failed', 'ended: first 503', 'other failures', '503 without a time', 'in the end'],
  ...['refreshes', 'replays', 'most at once', 'ended: median, 99 %, last', 'memory', 'CPU a call', 'load'],
]

/** When and where. */
export function describeMachine(): string {
  const [{ model = '' } = {}, ...others] = cpus()
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return `${date} UTC, ${commit}, Node ${process.versions.node}, ${others.length + 1} cores (${model.trim()})`
}

export function renderHead(): string {
  return `${line(head)}\n${line(head.map(() => '---'))}`
}

export function renderRow(scenario: Scenario, { servers, apps }: CrowdFigures): string {
  const outcomes = apps.flatMap((app) => app.outcomes)
  const valid = outcomes.filter(({ wasValid }) => wasValid)
  const ended = outcomes.filter(({ wasValid }) => !wasValid)
  const turnedAway = ended.filter(({ tries: [first] }) => isForNow(first))
  const inTheEnd = outcomes.filter(({ tries }) => tries.at(-1) === '200').length
  const limited = scenario.rateLimited > 0 ? `, ${scenario.rateLimited * 100} % 429` : ''
  const mostTries = Math.max(...outcomes.map(({ tries }) => tries.length))
  const lastS = Math.max(...outcomes.map(({ allMs }) => allMs)) / 1_000
  return line([
    scenario.store,
    scenario.processes,
    `${scenario.sessions} in ${scenario.seconds} s`,
    `${scenario.serverDelayMs} ms${limited}`,
    `${valid.filter(hasFailed).length} of ${valid.length}`,
    `${turnedAway.length} of ${ended.length}`,
    describeOthers(outcomes),
    outcomes.reduce((sum, { untold }) => sum + untold, 0),
    `${inTheEnd} of ${outcomes.length}, ${mostTries} tries at most, ${lastS.toFixed(0)} s`,
    `${servers.refreshes} (${servers.twice} twice, ${servers.turnedAway} × 429)`,
    servers.replays,
    servers.most,
    timesOf(ended),
    `${Math.max(...apps.map(({ rss }) => Math.round(rss / 2 ** 20)))} MiB`,
    `${(apps.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / outcomes.length).toFixed(1)} ms`,
    loadavg()[0]?.toFixed(0) ?? '',
  ])
}

const hasFailed = ({ tries: [first] }: CallOutcome) => first !== '200'

/** The session is kept, and the same call may work later: what a page answers with 503. */
function isForNow(outcome: string | undefined): boolean {
  return outcome === 'refresh_failed' || outcome === 'server_unavailable' || outcome === 'store_unavailable'
}

function describeOthers(outcomes: readonly CallOutcome[]): string {
  const others = outcomes.flatMap(({ tries }) => tries).filter((outcome) => outcome !== '200')
  const counts = Map.groupBy(others, (outcome) => outcome)
  return [...counts].map(([name, all]) => `${name} ${all.length}`).join(', ') || 'none'
}

function timesOf(outcomes: readonly CallOutcome[]): string {
  const sorted = outcomes.map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (part: number) => ((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) / 1_000).toFixed(1)
  return `${at(0.5)}, ${at(0.99)}, ${at(1)} s`
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}
