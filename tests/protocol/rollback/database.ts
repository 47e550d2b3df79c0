/** Reads a SQLite file of the library as JSON, and writes it back. */
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

export const databaseSchema = z.object({
  /** `user_version`, the number of migrations that the file has had. */
  version: z.number(),
  /** The statements that made its tables and indexes. */
  statements: z.array(z.string()),
  tables: z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number()])))),
})
export type Database = z.infer<typeof databaseSchema>

const statementSchema = z.array(z.object({ type: z.string(), name: z.string(), sql: z.string() }))
const versionSchema = z.object({ user_version: z.number() })

/** Reads a file that is not open in a store. */
export function readDatabase(path: string): Database {
  const db = new DatabaseSync(path)
  try {
    const select =
      "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index', name"
    const made = statementSchema.parse(db.prepare(select).all())
    const names = made.filter(({ type }) => type === 'table').map(({ name }) => name)
    const tables = names.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()])
    return databaseSchema.parse({
      version: versionSchema.parse(db.prepare('PRAGMA user_version').get()).user_version,
      statements: made.map(({ sql }) => sql),
      tables: Object.fromEntries(tables),
    })
  } finally {
    db.close()
  }
}

/** Makes a file with these rows. */
export function writeDatabase(path: string, { version, statements, tables }: Database): void {
  const db = new DatabaseSync(path)
  try {
    // A test file need not survive a power cut.
    db.exec('PRAGMA synchronous = OFF; BEGIN')
    for (const sql of statements) db.exec(sql)
    for (const [name, rows] of Object.entries(tables)) {
      for (const row of rows) {
        const marks = Object.keys(row).map(() => '?')
        const insert = `INSERT INTO ${name} (${Object.keys(row)}) VALUES (${marks})`
        db.prepare(insert).run(...Object.values(row))
      }
    }
    db.exec(`PRAGMA user_version = ${version}; COMMIT`)
  } finally {
    db.close()
  }
}
