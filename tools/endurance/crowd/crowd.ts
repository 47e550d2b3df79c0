/**
 * `npm run endurance -- crowd`: sessions of one authorization server whose tokens end within the same time, in which each
 * makes one call, in real processes on one store. Prints a row of figures for each combination of stores and processes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStore } from '../../../tests/support/contract/open-store.ts'
import { startRedis } from '../../../tests/support/redis-server.ts'
import type { AppCommand, AppFigures, AppSetup } from './app-process.ts'
import { type Origins, storeSessions } from './client.ts'
import { describeMachine, renderHead, renderRow } from './report.ts'
import type { Scenario } from './scenario.ts'
import type { ServerCommand, ServerFigures } from './servers-process.ts'

const USAGE = `npm run endurance -- crowd [options]
  --sessions 1000         how many, each of another account
  --processes 1,2,4       how many processes share the store
  --store sqlite,redis
  --server-delay 50       milliseconds for each token request
  --rate-limited 0        share of token requests that are answered with 429, Retry-After 1 s
  --seconds 60            the time in which the tokens end and the calls come`

/** Until everybody is there. */
const LEAD_MS = 1_000

export async function run(args: readonly string[]): Promise<void> {
  const scenarios = readScenarios(args)
  if (!scenarios) return void console.log(USAGE)
  console.log(describeMachine())
  console.log(renderHead())
  for (const scenario of scenarios) console.log(renderRow(scenario, await play(scenario)))
}

function readScenarios(args: readonly string[]): readonly Scenario[] | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean' },
      sessions: { type: 'string', default: '1000' },
      processes: { type: 'string', default: '1,2,4' },
      store: { type: 'string', default: 'sqlite,redis' },
      'server-delay': { type: 'string', default: '50' },
      'rate-limited': { type: 'string', default: '0' },
      seconds: { type: 'string', default: '60' },
    },
  })
  if (values.help) return undefined
  const stores = values.store.split(',').filter((name) => name === 'sqlite' || name === 'redis')
  return stores.flatMap((store) =>
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

export interface CrowdFigures {
  readonly servers: ServerFigures
  readonly apps: readonly AppFigures[]
}

async function play(scenario: Scenario): Promise<CrowdFigures> {
  const place = await openPlace(scenario)
  const started: ChildProcess[] = []
  const start = async (file: string, setup: object): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, file), [JSON.stringify(setup)], {
      execArgv: ['--no-warnings'],
    })
    started.push(child)
    return child
  }
  try {
    const servers = await start('servers-process.ts', scenario)
    const [origins]: [Origins] = await messageOf(servers)
    const store = openStore(scenario.store, place.address)
    const apps = await Promise.all(
      Array.from({ length: scenario.processes }, async (_, index) => {
        const app = await start('app-process.ts', {
          scenario,
          origins,
          address: place.address,
          index,
        } satisfies AppSetup)
        await messageOf(app)
        return app
      }),
    )
    const rowsStartAt = Date.now()
    await storeSessions(scenario, { store, origins, startAt: rowsStartAt })
    await store.close()
    const startAt = Date.now() + LEAD_MS
    await ask<ServerFigures>(servers, { name: 'begin', startAt } satisfies ServerCommand)
    const figures = await Promise.all(
      apps.map((app) => ask<AppFigures>(app, { name: 'begin', startAt, rowsStartAt } satisfies AppCommand)),
    )
    return {
      servers: await ask<ServerFigures>(servers, { name: 'figures' } satisfies ServerCommand),
      apps: figures,
    }
  } finally {
    for (const child of started) child.kill()
    await place.remove()
  }
}

async function messageOf(child: ChildProcess) {
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`A process ended with ${code}.`)),
  )
  // After the message, nobody waits for the end.
  ended.catch(() => undefined)
  return (await Promise.race([once(child, 'message'), ended])) as [never]
}

async function ask<T>(child: ChildProcess, command: object): Promise<T> {
  const answer = messageOf(child)
  child.send(command)
  const [figures]: [T] = await answer
  return figures
}

async function openPlace({ store }: Scenario) {
  if (store === 'redis') {
    const redis = await startRedis()
    return { address: redis.url, remove: () => redis.stop() }
  }
  const folder = mkdtempSync(join(tmpdir(), 'atproto-auth-crowd-'))
  return {
    address: join(folder, 'sessions.sqlite'),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
