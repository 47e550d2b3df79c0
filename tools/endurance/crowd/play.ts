/** Plays one scenario of a crowd: an application's processes on one store, and its servers in another process. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openStore } from '../../../tests/support/contract/open-store.ts'
import { openPlace } from '../../../tests/support/faults/store-place.ts'
import type { AppCommand, AppFigures, AppSetup } from './app-process.ts'
import { type Origins, storeSessions } from './client.ts'
import type { Scenario } from './scenario.ts'
import type { ServerCommand, ServerFigures } from './servers-process.ts'

/** Until everybody is there. */
const LEAD_MS = 1_000

export interface CrowdFigures {
  readonly servers: ServerFigures
  readonly apps: readonly AppFigures[]
}

/** What the servers and the processes of the application counted. */
export async function playCrowd(scenario: Scenario): Promise<CrowdFigures> {
  const place = await openPlace(scenario.store)
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
    await place.stop()
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
