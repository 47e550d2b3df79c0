/**
 * The statements of the PostgreSQL store. Each promise of the store is one statement with parameters, so it is atomic
 * without a transaction and passes a pooler that gives each transaction another connection. The clock is that of the
 * database. `clock_timestamp()` is read again after a row was waited for; `statement_timestamp()` can use an index.
 */
import type { PostgresNames } from './schema.ts'

export type PostgresStatements = ReturnType<typeof statementsFor>

/** How many expired rows a write removes: more than it can add, so that they do not pile up. */
const SWEPT = 8
/** Of a write, the time until which no expired row is left, in milliseconds. */
const SWEPT_UNTIL = `(SELECT floor(1000 * extract(epoch FROM CASE WHEN count(*) < ${SWEPT}
    THEN statement_timestamp() ELSE max(expires_at) END))::bigint FROM swept) AS swept`
/** Longer than an operation may take. */
const KEPT_S = 15
/** How much further back than a lease the clock may be, as after a change of servers, before the lease means nothing. */
const MAX_SETBACK_S = 60
const NOW = 'clock_timestamp()'
const KEY = `key = $1 AND member = ''`

/**
 * The statements for that table. `$1` is always the key. The `writer` is a random name of the operation, by which it is
 * known again when its answer was lost and it is sent once more. The last parameter of a write is the time before which no
 * expired row is left, as an earlier one has said (`swept`).
 */
export function statementsFor({ table }: PostgresNames) {
  const until = (parameter: string) => `${NOW} + ${parameter}::float8 * interval '1 millisecond'`
  const sweep = (kind: string, since: string) => withSweep(table, kind, since)
  /** What was removed stays for a moment under the name of this operation, for a second try whose first had no answer. */
  const remove = (kept: string, where: string) => `WITH gone AS (
      DELETE FROM ${table} WHERE ${where} RETURNING value, expires_at > ${NOW} AS is_alive
    ), kept AS (
      INSERT INTO ${table} (kind, key, member, value, expires_at)
      SELECT 'removed', $1, $2, ${kept}, ${NOW} + interval '${KEPT_S} seconds' FROM gone WHERE is_alive
    ) SELECT value FROM gone WHERE is_alive`
  const conflict = 'ON CONFLICT (kind, key, member) DO UPDATE SET'
  return {
    get: `SELECT value, generation FROM ${table}
      WHERE kind = 'value' AND ${KEY} AND expires_at > statement_timestamp()`,
    set: `${sweep('value', '$4')} INSERT INTO ${table} (kind, key, value, expires_at)
      VALUES ('value', $1, $2, ${until('$3')})
      ${conflict} value = excluded.value, generation = 1, writer = NULL,
        created_at = excluded.created_at, updated_at = excluded.updated_at, expires_at = excluded.expires_at
      RETURNING ${SWEPT_UNTIL}`,
    take: remove('value', `kind = 'value' AND ${KEY}`),
    delete: remove(`''`, `kind = 'value' AND ${KEY} AND ($3::bigint IS NULL OR generation = $3)`),
    wasRemoved: `SELECT value FROM ${table}
      WHERE kind = 'removed' AND key = $1 AND member = $2`,
    update: `${sweep('value', '$6')} UPDATE ${table}
      SET value = $2, generation = generation + 1, writer = $5, updated_at = ${NOW}, expires_at = ${until('$4')}
      WHERE kind = 'value' AND ${KEY} AND generation = $3 AND expires_at > ${NOW}
      RETURNING ${SWEPT_UNTIL}`,
    wasUpdated: `SELECT 1 AS done FROM ${table}
      WHERE kind = 'value' AND ${KEY} AND generation = $2::bigint + 1 AND writer = $3`,
    increment: `${sweep('counter', '$4')} INSERT INTO ${table} AS counter (kind, key, writer, expires_at)
      VALUES ('counter', $1, $2, ${until('$3')})
      ${conflict}
        generation = CASE WHEN counter.writer = $2 THEN counter.generation
          WHEN counter.expires_at > excluded.updated_at THEN counter.generation + 1 ELSE 1 END,
        expires_at = CASE WHEN counter.expires_at > excluded.updated_at THEN counter.expires_at ELSE excluded.expires_at END,
        writer = $2, updated_at = excluded.updated_at
      RETURNING generation, ${SWEPT_UNTIL}`,
    addMember: `${sweep('member', '$4')} INSERT INTO ${table} (kind, key, member, expires_at)
      VALUES ('member', $1, $2, ${until('$3')})
      ${conflict} updated_at = excluded.updated_at, expires_at = excluded.expires_at
      RETURNING ${SWEPT_UNTIL}`,
    removeMember: `DELETE FROM ${table} WHERE kind = 'member' AND key = $1 AND member = $2`,
    members: `SELECT member FROM ${table}
      WHERE kind = 'member' AND key = $1 AND expires_at > statement_timestamp() LIMIT 1000`,
    lease: `INSERT INTO ${table} AS lease (kind, key, value, expires_at)
      VALUES ('lease', $1, $2, ${until('$3')})
      ${conflict} value = excluded.value, updated_at = excluded.updated_at, expires_at = excluded.expires_at
      WHERE lease.value = excluded.value OR lease.expires_at <= ${NOW}
        OR lease.updated_at > ${NOW} + interval '${MAX_SETBACK_S} seconds'
      RETURNING 1 AS done`,
    release: `DELETE FROM ${table} WHERE kind = 'lease' AND ${KEY} AND value = $2`,
    /** Writes nothing, but needs every right and every column. */
    ping: `WITH added AS (
        INSERT INTO ${table} (kind, key, member, value, generation, writer, created_at, updated_at, expires_at)
        SELECT '', '', '', '', 1, '', ${NOW}, ${NOW}, ${NOW} WHERE false RETURNING 1
      ), changed AS (
        UPDATE ${table} SET value = '' WHERE kind = '' AND key = '' AND member = '' RETURNING 1
      ), removed AS (
        DELETE FROM ${table} WHERE kind = '' AND key = '' AND member = '' RETURNING 1
      ) SELECT 1 AS done`,
  }
}

/**
 * Removes a few expired rows of any kind on the way, through the index, without waiting for a row that another process
 * holds. The row that the statement itself writes stays out: no statement may write one row twice. The time is asked for
 * again, in words that no index answers: with outdated statistics, all expired rows would be read for it.
 *
 * What was removed before stays in the index while an old transaction is open, such as that of a backup. So that not every
 * write reads past all of it, it begins at the time until which an earlier one has removed everything.
 */
function withSweep(table: string, kind: string, since: string): string {
  return `WITH swept AS (
      DELETE FROM ${table} WHERE expires_at + interval '0' <= statement_timestamp() AND ctid = ANY (ARRAY(
        SELECT ctid FROM ${table} WHERE expires_at <= statement_timestamp()
          AND expires_at >= to_timestamp(${since}::float8 / 1000) AND NOT (kind = '${kind}' AND key = $1)
        ORDER BY expires_at LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED
      )) RETURNING expires_at
    )`
}
