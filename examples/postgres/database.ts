/** The application's database. Its own table and that of the sessions are in it. */
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, pgView, text, timestamp } from 'drizzle-orm/pg-core'
import pg from 'pg'

export const users = pgTable('users', {
  did: text().primaryKey(),
  /** By what the sessions of the account are found: see `auth.accountKeys`. */
  accountKeys: text('account_keys').array().notNull(),
  firstSignIn: timestamp('first_sign_in', { withTimezone: true }).notNull().default(sql`now()`),
})

/** A view that the session store brings. */
export const sessions = pgView('atproto_auth_sessions', {
  account: text().notNull(),
  session: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
}).existing()

// Next.js loads this module several times; all instances share one pool.
const shared = globalThis as { pool?: pg.Pool }

/** Opens no connection before the first query, so a build needs no database. */
shared.pool ??= new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 4_000,
  query_timeout: 4_500,
})
// An idle connection that the server closes: without a listener, the process would end.
if (shared.pool.listenerCount('error') === 0)
  shared.pool.on('error', (error) => console.error('PostgreSQL:', error.message))

export const pool = shared.pool
export const db = drizzle(pool)
