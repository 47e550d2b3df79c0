/** What the PostgreSQL store asks of a pool, and the pool that it makes when the application gives a URL. */
import { ConfigurationError } from '../../errors.ts'
import { createAbandonedConnections } from './abandoned-connections.ts'
import { isQueryTimeout } from './errors.ts'

/** A row, by the names of its columns. */
export type PostgresRow = Readonly<Record<string, unknown>>

/** The method that `pg`, `@neondatabase/serverless` and PGlite have in common. */
export interface PostgresPool {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly PostgresRow[] }>
}

export interface OwnPostgresPool extends PostgresPool {
  end(): Promise<void>
}

/** What is used of a pool of `pg`. */
interface PgPool {
  query(statement: PgStatement): Promise<{ readonly rows: readonly PostgresRow[] }>
  end(): Promise<void>
  on(event: 'error', listener: () => void): unknown
}

interface PgStatement {
  readonly text: string
  readonly values: unknown[]
  readonly query_timeout: number
}

const MAX_CONNECTIONS = 10
/** Less than the store waits for a statement. */
const CONNECT_LIMIT_MS = 4_000
const IDLE_MS = 30_000

/** Returns a pool for that URL. The package `pg` is loaded, and a connection opened, at the first use. */
export function createPostgresPool(url: string): OwnPostgresPool {
  let pool: Promise<PgPool> | undefined
  const abandoned = createAbandonedConnections(MAX_CONNECTIONS)
  return {
    async query(text, values) {
      pool ??= open(url).catch((error: unknown) => {
        pool = undefined
        throw error
      })
      try {
        return await (await pool).query({ text, values, query_timeout: abandoned.nextLimitMs() })
      } catch (error) {
        if (isQueryTimeout(error)) abandoned.count()
        throw error
      }
    },
    async end() {
      await (await pool)?.end()
    },
  }
}

async function open(connectionString: string): Promise<PgPool> {
  const { default: pg } = await loadPg()
  const pool: PgPool = new pg.Pool({
    connectionString,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    // A program that is done must not wait for idle connections.
    allowExitOnIdle: true,
  })
  // An idle connection that the server closes: the pool has dropped it already, and without a listener the process ends.
  pool.on('error', () => undefined)
  return pool
}

/** @throws ConfigurationError when the package is not installed */
export async function loadPg() {
  try {
    // Hidden from bundlers: an application without the package must build without an error.
    return await import(/* webpackIgnore: true */ 'pg')
  } catch (cause) {
    const advice = 'Run: npm install pg. If only traced files are deployed, pass a pool to the store.'
    throw new ConfigurationError(
      `ATPROTO_DATABASE_URL is set, but the package pg is not installed. ${advice}`,
      { cause },
    )
  }
}
