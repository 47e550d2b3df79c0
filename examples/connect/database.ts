/** The application's own database, with the users of Better Auth and the connected accounts. */
import { DatabaseSync } from 'node:sqlite'

let opened: DatabaseSync | undefined

/** Opened at the first request, so that a build opens nothing. */
export function openDatabase(): DatabaseSync {
  opened ??= new DatabaseSync(process.env.DATABASE_PATH ?? 'app.db')
  return opened
}
