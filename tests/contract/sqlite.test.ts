import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { describeStore } from '../support/contract/describe-store.ts'
import { MINUTE_MS } from '../support/contract/subject.ts'
import { tempFolder } from '../support/contract/temp-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'atproto-auth-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
describeStore('SQLite in a file', ({ now }) => {
  files += 1
  return createSqliteStore({ path: join(folder, `${files}.sqlite`), now })
})
describeStore('SQLite in memory', ({ now }) => createSqliteStore({ path: ':memory:', now }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('a SQLite file', () => {
  it('keeps values, generations and leases when it is opened again', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const before = createSqliteStore({ path })
    await before.set('key', 'one', MINUTE_MS)
    await before.update('key', 'two', 1, MINUTE_MS)
    await before.lease('lease', 'alice', MINUTE_MS)
    await before.close()
    const after = createSqliteStore({ path })
    expect(await after.get('key')).toEqual({ value: 'two', generation: 2 })
    expect(await after.lease('lease', 'bob', MINUTE_MS)).toBe(false)
    await after.close()
  })

  it('is shared by two stores that have it open', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const [first, second] = [createSqliteStore({ path }), createSqliteStore({ path })]
    await first.set('key', 'value', MINUTE_MS)
    expect([await second.take('key'), await first.get('key')]).toEqual(['value', undefined])
    await Promise.all([first.close(), second.close()])
  })

  it('S9 is for its owner alone, with the files that SQLite puts beside it', async () => {
    const base = tempFolder()
    const store = createSqliteStore({ path: join(base, 'sessions.sqlite') })
    await store.set('key', 'value', MINUTE_MS)
    expect(readdirSync(base).map((name) => [name, modeOf(join(base, name))])).toEqual([
      ['sessions.sqlite', '600'],
      ['sessions.sqlite-shm', '600'],
      ['sessions.sqlite-wal', '600'],
    ])
    await store.close()
  })

  it('is closed to others even if it was open to them before', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    writeFileSync(path, '', { mode: 0o644 })
    await createSqliteStore({ path }).close()
    expect(modeOf(path)).toBe('600')
  })

  it('is made with its folders, which are for the owner alone', async () => {
    const base = tempFolder()
    await createSqliteStore({ path: join(base, 'a', 'b', 'sessions.sqlite') }).close()
    expect([modeOf(join(base, 'a')), modeOf(join(base, 'a', 'b'))]).toEqual(['700', '700'])
  })

  it('CB-8 O12 gives the room of expired entries back while it is used', async () => {
    let now = Date.now()
    const path = join(tempFolder(), 'sessions.sqlite')
    const store = createSqliteStore({ path, now: () => now })
    await store.set('expired', 'value', MINUTE_MS)
    await store.lease('expired', 'alice', MINUTE_MS)
    await store.increment('expired', MINUTE_MS)
    await store.addMember('expired', 'member', MINUTE_MS)
    now += 2 * MINUTE_MS
    await store.set('key', 'value', MINUTE_MS)
    await store.close()
    const db = new DatabaseSync(path)
    const tables = ['entry', 'lease', 'counter', 'member']
    const rows = tables.map((table) =>
      Number(db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows),
    )
    db.close()
    expect(rows).toEqual([1, 0, 0, 0])
  })

  it('of the first schema is brought to the newest, and keeps its rows', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const db = new DatabaseSync(path)
    db.exec(FIRST_SCHEMA)
    const expiresAt = Date.now() + MINUTE_MS
    db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?)').run('key', 'value', 7, expiresAt)
    db.prepare('INSERT INTO lease VALUES (?, ?, ?)').run('key', 'alice', expiresAt)
    db.close()
    for (let opening = 1; opening <= 2; opening += 1) {
      const store = createSqliteStore({ path })
      expect(await store.get('key')).toEqual({ value: 'value', generation: 7 })
      expect(await store.lease('key', 'bob', MINUTE_MS)).toBe(false)
      expect(await store.increment('key', MINUTE_MS)).toBe(opening)
      await store.addMember('index', `member ${opening}`, MINUTE_MS)
      expect(await store.members('index')).toHaveLength(opening)
      await store.close()
    }
  })
})

/** As the release before counters and indexes made it. */
const FIRST_SCHEMA = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, generation INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_expiry ON entry (expires_at);
  CREATE TABLE lease (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 1;
`
