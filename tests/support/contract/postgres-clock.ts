/** The clock of a PostgreSQL store, which its database keeps: time passes by everything ending sooner. */
import type { PostgresPool } from '../../../lib/store/postgres/index.ts'
import type { ServerClock } from './describe-store.ts'

export function postgresClock(database: () => PostgresPool): ServerClock {
  return {
    tickMs: 1_000,
    async pass(ms) {
      const sooner = `expires_at = expires_at - $1::float8 * interval '1 millisecond'`
      await database().query(`UPDATE atproto_auth SET ${sooner}`, [ms])
    },
  }
}
