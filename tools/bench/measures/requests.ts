/** `getSession()` in pages and routes of a Next.js application under load, on each store, beside iron-session alone. */
import { join } from 'node:path'
import { createPostgresStore } from 'next-atproto-auth/stores/postgres'
import { createRedisStore } from 'next-atproto-auth/stores/redis'
import { createSqliteStore } from 'next-atproto-auth/stores/sqlite'
import { createVercelKvStore } from 'next-atproto-auth/stores/vercel-kv'
import { createTestNetwork, type TestNetwork } from 'next-atproto-auth/testing'
import { startKvRestServer } from '../../../tests/support/kv-rest-server.ts'
import { startApp } from '../../../tests/support/network/app-server.ts'
import { findFreePort } from '../../../tests/support/network/free-port.ts'
import { startPostgres } from '../../../tests/support/postgres-server.ts'
import { startRedis } from '../../../tests/support/redis-server.ts'
import { alternate, type Context, createCollector, type Measure } from '../measure.ts'
import { buildApplication, DID, type VisitOptions, visitIron, visitOurs } from '../work/applications.ts'
import { type Child, startChild } from '../work/child.ts'
import type { Load, LoadResult } from '../work/load-process.ts'

const CONNECTIONS = 16
const SECONDS = 2

const places = [
  { path: '/session', name: 'page' },
  { path: '/api/session', name: 'route' },
  { path: '/call', name: 'page with one call of the PDS' },
  { path: '/api/call', name: 'route with one call of the PDS' },
] as const

interface Candidate {
  readonly column: string
  readonly url: string
  readonly cookie: string
  readonly calls: boolean
}

export const requests: Measure = {
  name: 'requests',
  async run(context) {
    const network = context.use(await createTestNetwork())
    const candidates = [...(await startOurs(context, network)), await startIron(context)]
    const generator = startGenerator(context)
    const collectors = { perSecond: createCollector(), p50: createCollector(), p99: createCollector() }
    const durationMs = context.repeat(SECONDS * 1000, 500)
    const runs = context.repeat(3, 1)
    // The first time does not count: code is loaded and compiled, and connections are opened.
    for (let run = -1; run < runs; run += 1) {
      for (const { path, name } of places) {
        for (const { column, url, cookie, calls } of alternate(candidates, run + 1)) {
          if (path.endsWith('/call') && !calls) continue
          const load: Load = { url: url + path, cookie, expected: DID, connections: CONNECTIONS, durationMs }
          const { perSecond, p50Ms, p99Ms } = (await generator.ask(load)) as LoadResult
          if (run < 0) continue
          collectors.perSecond.add({ key: `rate: ${path}`, name, unit: 's⁻¹' }, column, perSecond)
          collectors.p50.add({ key: `p50: ${path}`, name, unit: 'ms' }, column, p50Ms)
          collectors.p99.add({ key: `p99: ${path}`, name, unit: 'ms' }, column, p99Ms)
        }
      }
      context.say(`run ${run + 1} of ${runs}`)
    }
    const columns = candidates.map(({ column }) => column)
    return {
      name: 'requests',
      title: '`getSession()` in a Next.js application',
      about: `A production build under \`next start\`, one process, and a load generator with ${CONNECTIONS} connections in another process, for
${SECONDS} s each, ${runs} times in turns after a warm-up. Application, generator, store and network share the cores, so the figures
hold beside each other only. iron-session alone opens a cookie and asks no store: with it, a session cannot be ended from elsewhere, and
there are no tokens to call a PDS with.`,
      tables: [
        { head: 'requests a second', columns, rows: collectors.perSecond.rows() },
        { head: 'median time', columns, rows: collectors.p50.rows() },
        { head: '99th percentile', columns, rows: collectors.p99.rows() },
      ],
    }
  },
}

function startGenerator(context: Context): Child {
  const generator = startChild(join(import.meta.dirname, '../work/load-process.ts'))
  context.use({ [Symbol.asyncDispose]: generator.stop })
  return generator
}

/** One server of the same build for each store. */
async function startOurs(context: Context, network: TestNetwork): Promise<readonly Candidate[]> {
  const folder = await buildApplication('ours')
  const data = await context.folder()
  const redis = await startRedis()
  context.use({ [Symbol.asyncDispose]: () => redis.stop() })
  const rest = await startKvRestServer(redis.url)
  context.use({ [Symbol.asyncDispose]: () => rest.stop() })
  const postgres = await startPostgres()
  context.use({ [Symbol.asyncDispose]: () => postgres.stop() })
  const { url, token } = rest
  const stores: Readonly<Record<string, Pick<VisitOptions, 'store' | 'env'>>> = {
    SQLite: {
      store: createSqliteStore({ path: join(data, 'sessions.sqlite') }),
      env: { ATPROTO_DATA_DIR: data },
    },
    PostgreSQL: {
      store: createPostgresStore({ url: postgres.url, migrate: true }),
      env: { ATPROTO_DATABASE_URL: postgres.url },
    },
    Redis: { store: createRedisStore({ url: redis.url }), env: { REDIS_URL: redis.url } },
    REST: {
      store: createVercelKvStore({ url, token }),
      env: { KV_REST_API_URL: url, KV_REST_API_TOKEN: token },
    },
  }
  const candidates: Candidate[] = []
  for (const [column, { store, env }] of Object.entries(stores)) {
    const port = await findFreePort()
    const visit = await visitOurs({ port, network, store, env })
    await store.close()
    const app = context.use(await startApp({ folder, port, env: visit.env }))
    candidates.push({ column, url: app.url, cookie: visit.cookie, calls: true })
  }
  return candidates
}

async function startIron(context: Context): Promise<Candidate> {
  const folder = await buildApplication('iron')
  const { cookie, env } = await visitIron()
  const app = context.use(await startApp({ folder, port: await findFreePort(), env }))
  return { column: 'iron-session alone', url: app.url, cookie, calls: false }
}
