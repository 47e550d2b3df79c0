/** A map in a SQLite file that several processes share, for clients that bring no such store. */
import { DatabaseSync } from 'node:sqlite'

export interface FileMap<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/** Values are kept as JSON. */
export function createFileMap<V>(path: string): FileMap<V> {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  database.exec('CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL)')
  const statements = {
    get: database.prepare('SELECT value FROM rows WHERE key = ?'),
    set: database.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?)'),
    delete: database.prepare('DELETE FROM rows WHERE key = ?'),
  }
  return {
    get(key) {
      const row = statements.get.get(key)
      return row && JSON.parse(String(row.value))
    },
    set: (key, value) => void statements.set.run(key, JSON.stringify(value)),
    delete: (key) => void statements.delete.run(key),
    clear: () => database.exec('DELETE FROM rows'),
  }
}
