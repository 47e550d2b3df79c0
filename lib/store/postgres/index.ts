/**
 * A store in a table of a PostgreSQL database, through whatever has a method `query`: a Pool of `pg`, of
 * `@neondatabase/serverless`, or PGlite. Each operation is one statement, so poolers in transaction mode are fine. Only
 * the database's clock matters.
 */
import { ConfigurationError, StoreUnavailableError } from '../../errors.ts'
import { addressInUrl, hasStrayAt } from '../../failed-address.ts'
import type { Store } from '../contract.ts'
import { createPostgresPool, type PostgresPool } from './pool.ts'
import { createPostgresRunner, fromColumn, type PostgresRunner } from './runner.ts'
import { namesOf, type PostgresTable, postgresSchema } from './schema.ts'
import { type PostgresStatements, statementsFor } from './statements.ts'
import { createSweep, type Sweep } from './sweep.ts'

const DEFAULT_PORT = 5432

export type { PostgresPool, PostgresTable }
export { postgresSchema }

/** Options of `createPostgresStore`: a pool of your own or a URL. */
export type PostgresStoreOptions = PostgresTable & {
  /**
   * Makes the table at the first use, if it is missing; default false. The role then needs the right to create tables.
   * Without it, run the SQL of `npx next-atproto-auth schema postgres` in your own migrations.
   */
  readonly migrate?: boolean | undefined
} & (
    | {
        /** Your application closes it; closing the store leaves it open. */
        readonly pool: PostgresPool
      }
    | {
        /** A URL with `postgres://` or `postgresql://`. The package `pg` is needed. */
        readonly url: string
      }
  )

/**
 * Creates a store in a PostgreSQL database, version 13 or later. Nothing is sent before the first use. A statement
 * without an answer fails after 5 seconds; one whose connection was lost is sent again where that cannot do it twice.
 *
 * @throws ConfigurationError for a name or URL that cannot be used; each method also throws it when `url` is used and the
 *   package `pg` is not installed
 */
export function createPostgresStore(options: PostgresStoreOptions): Store {
  const names = namesOf(options)
  const own = 'url' in options ? createPostgresPool(checkUrl(options.url)) : undefined
  const pool = 'pool' in options ? options.pool : own
  if (typeof pool?.query !== 'function')
    throw new ConfigurationError('createPostgresStore takes a pool with a method query, or a url.')
  const address = 'url' in options ? addressInUrl(options.url, DEFAULT_PORT) : undefined
  const schema = options.migrate ? postgresSchema(options) : undefined
  const runner = createPostgresRunner(pool, schema, { address, table: names.table })
  const sql = statementsFor(names)
  const sweep = createSweep()
  return {
    ...valueMethods(runner, sql, sweep),
    ...indexMethods(runner, sql, sweep),
    ...leaseMethods(runner, sql),
    async ping() {
      await runner.run(sql.ping, [])
    },
    async close() {
      if (runner.close()) await own?.end()
    },
  }
}

function valueMethods({ run }: PostgresRunner, sql: PostgresStatements, sweep: Sweep) {
  async function remove(statement: string, key: string, ...others: readonly unknown[]) {
    const writer = newWriter()
    const { rows, isRepeated } = await run(statement, [key, writer, ...others])
    // As in `update`.
    return rows[0] ?? (isRepeated ? (await run(sql.wasRemoved, [key, writer])).rows[0] : undefined)
  }
  return {
    async get(key) {
      const [row] = (await run(sql.get, [key])).rows
      return row && { value: textIn(row.value), generation: numberIn(row.generation) }
    },
    async set(key, value, ttlMs) {
      const { rows } = await run(sql.set, [key, value, ttlMs, sweep.since()])
      sweep.note(rows[0])
    },
    async take(key) {
      const row = await remove(sql.take, key)
      return row && textIn(row.value)
    },
    async update(key, value, generation, ttlMs) {
      const writer = newWriter()
      const values = [key, value, generation, ttlMs, writer, sweep.since()]
      const { rows, isRepeated } = await run(sql.update, values)
      sweep.note(rows[0])
      if (rows.length > 0 || !isRepeated) return rows.length > 0
      // The first try may have done it, and its answer was lost.
      return (await run(sql.wasUpdated, [key, generation, writer])).rows.length > 0
    },
    async delete(key, generation) {
      return (await remove(sql.delete, key, generation ?? null)) !== undefined
    },
    async increment(key, ttlMs) {
      const [row] = (await run(sql.increment, [key, newWriter(), ttlMs, sweep.since()])).rows
      sweep.note(row)
      return numberIn(row?.generation)
    },
  } satisfies Partial<Store>
}

function indexMethods({ run }: PostgresRunner, sql: PostgresStatements, sweep: Sweep) {
  return {
    async addMember(index, member, ttlMs) {
      const { rows } = await run(sql.addMember, [index, member, ttlMs, sweep.since()])
      sweep.note(rows[0])
    },
    async removeMember(index, member) {
      await run(sql.removeMember, [index, member])
    },
    async members(index) {
      return (await run(sql.members, [index])).rows.map(({ member }) => textIn(member))
    },
  } satisfies Partial<Store>
}

function leaseMethods({ run }: PostgresRunner, sql: PostgresStatements) {
  return {
    async lease(key, owner, ttlMs) {
      return (await run(sql.lease, [key, owner, ttlMs])).rows.length > 0
    },
    async release(key, owner) {
      await run(sql.release, [key, owner])
    },
  } satisfies Partial<Store>
}

function newWriter(): string {
  return crypto.randomUUID()
}

function textIn(value: unknown): string {
  if (typeof value === 'string') return fromColumn(value)
  throw unexpectedRow()
}

/** Some drivers return every column as text. */
function numberIn(value: unknown): number {
  const number = Number(value)
  if (Number.isInteger(number) && number > 0) return number
  throw unexpectedRow()
}

function unexpectedRow(): StoreUnavailableError {
  return new StoreUnavailableError(
    'The table of the session store has a row that this library did not write. Check that no other program uses the table.',
  )
}

/** Without what surrounds it, for which `pg` looks for another host. The message does not contain it: it may hold a password. */
function checkUrl(text: string): string {
  const url = URL.parse(text)
  if (url && /^postgres(ql)?:$/.test(url.protocol) && !hasStrayAt(url)) return text.trim()
  throw new ConfigurationError(
    'The URL of the session store must be postgres://user:password@host:port/database. Check ATPROTO_DATABASE_URL; in a password, the characters # / ? @ are written as %23 %2F %3F %40.',
  )
}
