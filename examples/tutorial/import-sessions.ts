/**
 * Moves the sessions that the official tutorial's app has stored (DATABASE_PATH, default `app.db`) into this app's
 * store. Run it once, by `npm run import-sessions`, when that app has been stopped.
 */
import { DatabaseSync } from 'node:sqlite'
import { auth } from './auth.ts'

const database = new DatabaseSync(process.env.DATABASE_PATH ?? 'app.db')
const rows = database.prepare('SELECT key, value FROM auth_session').all()
const remove = database.prepare('DELETE FROM auth_session WHERE key = ?')
const client = await auth.client()

for (const row of rows) {
  const did = String(row.key)
  try {
    await client.importSession(row.value)
    // A refresh token works once: another copy of it, when used, would end the session.
    remove.run(did)
    console.log(`Moved the session of ${did}.`)
  } catch (error) {
    // It stays where it is; the others may still be moved.
    console.error(`Left the session of ${did}: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
console.log(`${rows.length} sessions were there.`)
