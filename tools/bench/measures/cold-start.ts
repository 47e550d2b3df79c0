/** How long a standalone Next.js server needs from its start to the first page of a person who is signed in. */
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createSqliteStore } from 'next-atproto-auth/stores/sqlite'
import { createTestNetwork } from 'next-atproto-auth/testing'
import { findFreePort } from '../../../tests/support/network/free-port.ts'
import { alternate, createCollector, type Measure } from '../measure.ts'
import {
  buildApplication,
  DID,
  startStandalone,
  type Visit,
  visitIron,
  visitOurs,
} from '../work/applications.ts'

const LIMIT_MS = 60_000
const POLL_MS = 2

interface Candidate {
  readonly column: string
  readonly folder: string
  readonly port: number
  readonly visit: Visit
}

export const coldStart: Measure = {
  name: 'cold-start',
  async run(context) {
    const network = context.use(await createTestNetwork())
    const ports = { ours: await findFreePort(), iron: await findFreePort() }
    const data = await context.folder()
    const store = createSqliteStore({ path: join(data, 'sessions.sqlite') })
    const env = { ATPROTO_DATA_DIR: data }
    const visit = await visitOurs({ port: ports.ours, network, store, env })
    const candidates: readonly Candidate[] = [
      { column: 'next-atproto-auth', folder: await buildApplication('ours'), port: ports.ours, visit },
      {
        column: 'iron-session alone',
        folder: await buildApplication('iron'),
        port: ports.iron,
        visit: await visitIron(),
      },
    ]
    const collector = createCollector()
    const runs = context.repeat(9, 2)
    // The first start of each reads files that are not in memory yet, and does not count.
    for (let run = -1; run < runs; run += 1) {
      for (const candidate of alternate(candidates, run + 1)) {
        const { ms, cpuMs } = await startOnce(candidate)
        if (run < 0) continue
        const add = (name: string, value: number) =>
          collector.add({ key: name, name, unit: 'ms' }, candidate.column, value)
        add('start to the first page', ms)
        if (cpuMs !== undefined) add('CPU until then', cpuMs)
      }
      context.say(`run ${run + 1} of ${runs}`)
    }
    await store.close()
    return {
      name: 'cold-start',
      title: 'Cold start',
      about: `The standalone output of \`next build\`: from the start of \`node server.js\` until the page with the person's DID has arrived. Medians of
${runs} starts each, in turns, with the files in memory. \`next-atproto-auth\` opens the cookie and reads the session from a SQLite file;
the other application only opens an iron-session cookie.`,
      tables: [{ head: '', columns: candidates.map(({ column }) => column), rows: collector.rows() }],
    }
  },
}

async function startOnce({ folder, port, visit }: Candidate) {
  const begun = performance.now()
  const server = startStandalone(folder, port, visit.env)
  try {
    for (;;) {
      const page = await pageOf(port, visit.cookie)
      const ms = performance.now() - begun
      if (page?.includes(DID)) return { ms, cpuMs: await server.cpuMs() }
      if (page !== undefined) throw new Error(`The page does not show ${DID}: ${page.slice(0, 500)}`)
      if (ms > LIMIT_MS) throw new Error(`The application did not start: ${server.errors()}`)
      await pause(POLL_MS)
    }
  } finally {
    await server.stop()
  }
}

/** Undefined while nothing listens. */
function pageOf(port: number, cookie: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/session', headers: { cookie }, agent: false },
      (answer) => {
        answer.setEncoding('utf8')
        answer.toArray().then(
          (chunks) => resolve(chunks.join('')),
          () => resolve(undefined),
        )
      },
    )
    request.on('error', () => resolve(undefined))
  })
}
