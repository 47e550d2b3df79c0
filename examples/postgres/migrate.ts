/** `npm run migrate`: the tables of the application and of the session store. It may be run again. */
import { postgresSchema } from 'next-atproto-auth/stores/postgres'
import pg from 'pg'

const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
await client.connect()
await client.query(`
  CREATE TABLE IF NOT EXISTS users (
    did text PRIMARY KEY,
    account_keys text[] NOT NULL,
    first_sign_in timestamptz NOT NULL DEFAULT now()
  )`)
await client.query(postgresSchema())
await client.end()
console.log('The tables are there.')
