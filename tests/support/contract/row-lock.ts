/** A transaction of another program that holds a row of the PostgreSQL store, so that statements wait for it. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { onTestFinished } from 'vitest'

export interface RowLock {
  /** Resolves when so many statements wait for the row, at the server. */
  waiting(count: number): Promise<void>
  /** How many wait now. */
  count(): Promise<number>
  /** Ends the transaction, which has changed nothing. */
  release(): Promise<void>
}

/** Locks every row of that key; released at the end of the test at the latest. */
export async function lockRows(url: string, key: string): Promise<RowLock> {
  // The second is not in a transaction, in which it would see the same activity again and again.
  const [client, watcher] = [new pg.Client(url), new pg.Client(url)]
  for (const each of [client, watcher]) {
    // The database may go first.
    each.on('error', () => undefined)
    await each.connect()
    onTestFinished(() => each.end())
  }
  await client.query('BEGIN')
  await client.query('SELECT 1 FROM atproto_auth WHERE key = $1 FOR UPDATE', [key])
  const count = async () => {
    const waiting = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return Number((await watcher.query(waiting)).rows[0].count)
  }
  return {
    count,
    async waiting(wanted) {
      while ((await count()) < wanted) await pause(20)
    },
    async release() {
      await client.query('ROLLBACK')
    },
  }
}
