/**
 * `npm run endurance -- crowd`: sessions of one authorization server whose tokens end within the same time, in which each
 * makes one call, in real processes on one store.
 */
import { parseArgs } from 'node:util'
import type { KeptResult, LongRun } from '../long-run.ts'
import { renderCrowds, resultOf } from './figures.ts'
import { playCrowd } from './play.ts'
import type { Scenario } from './scenario.ts'

const SESSIONS = 10_000
const SECONDS = 60
const stores = ['redis', 'sqlite'] as const
const servers = [
  { serverDelayMs: 50, rateLimited: 0 },
  { serverDelayMs: 2_000, rateLimited: 0.1 },
]

export const crowd: LongRun = {
  what: `${SESSIONS} sessions whose tokens end within ${SECONDS} s, on 1, 2 and 4 processes, SQLite and Redis, a fast and a slow server`,
  counts: ['valid', 'validFailed', 'ended', 'endedFailed', 'refreshes', 'replays'],
  parts: (scale) =>
    scenariosAt(scale).map((scenario) => ({
      row: rowOf(scenario),
      name: `${scenario.sessions} sessions in ${scenario.seconds} s`,
      play: async () => resultOf(await playCrowd(scenario)),
    })),
  renderTable: renderCrowds,
  single: { usage: usage(), play: playSingle },
}

function scenariosAt(scale: number): readonly Scenario[] {
  const sessions = Math.max(1, Math.round(SESSIONS * scale))
  return servers.flatMap((server) =>
    stores.flatMap((store) =>
      [1, 2, 4].map((processes) => ({ ...server, store, processes, sessions, seconds: SECONDS })),
    ),
  )
}

function rowOf({ store, processes, serverDelayMs, rateLimited }: Scenario): string {
  const limited = rateLimited > 0 ? `, ${rateLimited * 100} % 429` : ''
  return `${store}, ${processes} ${processes === 1 ? 'process' : 'processes'}, server ${serverDelayMs} ms${limited}`
}

function usage(): string {
  return `  --sessions 1000         how many, each of another account
  --processes 1,2,4       how many processes share the store
  --store redis,sqlite
  --server-delay 50       milliseconds for each token request
  --rate-limited 0        share of token requests that are answered with 429, Retry-After 1 s
  --seconds 60            the time in which the tokens end and the calls come`
}

async function playSingle(args: readonly string[]): Promise<readonly string[]> {
  const results: KeptResult[] = []
  for (const scenario of readScenarios(args)) {
    const [row, name] = [rowOf(scenario), `${scenario.sessions} sessions in ${scenario.seconds} s`]
    const result = { row, name, seconds: scenario.seconds, ...resultOf(await playCrowd(scenario)) }
    results.push(result)
  }
  console.log(renderCrowds(results))
  return results.flatMap(({ row, lost }) => lost.map((sentence) => `${row}: ${sentence}`))
}

function readScenarios(args: readonly string[]): readonly Scenario[] {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sessions: { type: 'string', default: '1000' },
      processes: { type: 'string', default: '1,2,4' },
      store: { type: 'string', default: 'redis,sqlite' },
      'server-delay': { type: 'string', default: '50' },
      'rate-limited': { type: 'string', default: '0' },
      seconds: { type: 'string', default: '60' },
    },
  })
  const chosen = values.store.split(',')
  return stores
    .filter((store) => chosen.includes(store))
    .flatMap((store) =>
      values.processes.split(',').map((processes) => ({
        store,
        processes: Number(processes),
        sessions: Number(values.sessions),
        serverDelayMs: Number(values['server-delay']),
        rateLimited: Number(values['rate-limited']),
        seconds: Number(values.seconds),
      })),
    )
}
