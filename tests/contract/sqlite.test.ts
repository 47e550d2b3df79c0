import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../lib/errors.ts'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { describeStore } from './describe-store.ts'
import { tempFolder } from './temp-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'atproto-auth-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
describeStore('SQLite in a file', ({ now }) => {
  files += 1
  return createSqliteStore({ path: join(folder, `${files}.sqlite`), now })
})
describeStore('SQLite in memory', ({ now }) => createSqliteStore({ path: ':memory:', now }))

const MINUTE_MS = 60_000
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

  it('is for its owner alone, with the files that SQLite puts beside it', async () => {
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

  it('gives the room of expired entries back while it is used', async () => {
    let now = Date.now()
    const path = join(tempFolder(), 'sessions.sqlite')
    const store = createSqliteStore({ path, now: () => now })
    await store.set('expired', 'value', MINUTE_MS)
    await store.lease('expired', 'alice', MINUTE_MS)
    now += 2 * MINUTE_MS
    await store.set('key', 'value', MINUTE_MS)
    await store.close()
    const db = new DatabaseSync(path)
    const keys = db.prepare('SELECT key FROM entry UNION ALL SELECT key FROM lease').all()
    db.close()
    expect(keys.map(({ key }) => key)).toEqual(['key'])
  })
})

/** Runs as a user without rights, because root may write everywhere. */
function withoutRights(work: () => void): void {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

const unavailable = expect.objectContaining({ name: 'StoreUnavailableError', code: 'store_unavailable' })

describe('a SQLite store says that it is unavailable', () => {
  it('in a folder that may not be written', () => {
    const base = tempFolder()
    chmodSync(base, 0o555)
    withoutRights(() => {
      expect(() => createSqliteStore({ path: join(base, 'sessions.sqlite') })).toThrow(unavailable)
    })
    expect(existsSync(join(base, 'sessions.sqlite'))).toBe(false)
  })

  it('below something that is no folder', () => {
    const path = join(tempFolder(), 'file')
    writeFileSync(path, '')
    expect(() => createSqliteStore({ path: join(path, 'sessions.sqlite') })).toThrow(unavailable)
  })

  it('where a folder has its name', () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    mkdirSync(path)
    expect(() => createSqliteStore({ path })).toThrow(unavailable)
  })

  it('on a file of something else, which it leaves as it is', () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    writeFileSync(path, 'This is no database, but somebody needs it. '.repeat(50))
    expect(() => createSqliteStore({ path })).toThrow(unavailable)
    expect(readFileSync(path, 'utf8')).toMatch(/^This is no database/)
  })

  it('on a file that a newer release made, which it leaves as it is', () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => createSqliteStore({ path })).toThrow(/schema version 99/)
    expect(() => createSqliteStore({ path })).toThrow(unavailable)
    const again = new DatabaseSync(path)
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toEqual([])
    again.close()
  })

  it('in every method once it is closed', async () => {
    const store = createSqliteStore({ path: ':memory:' })
    await store.close()
    const calls = [
      () => store.get('key'),
      () => store.set('key', 'value', 1),
      () => store.take('key'),
      () => store.update('key', 'value', 1, 1),
      () => store.delete('key'),
      () => store.lease('key', 'owner', 1),
      () => store.release('key', 'owner'),
      () => store.ping(),
    ]
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError)
  })

  it('when its tables are gone, instead of calling everything absent', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const store = createSqliteStore({ path })
    const db = new DatabaseSync(path)
    db.exec('DROP TABLE entry')
    db.close()
    await expect(store.get('key')).rejects.toBeInstanceOf(StoreUnavailableError)
    await store.close()
  })

  it('without the value or the key in its message', async () => {
    const store = createSqliteStore({ path: ':memory:' })
    await store.close()
    const error: unknown = await store.set('key-canary', 'value-canary', 1).catch((reason: unknown) => reason)
    expect(`${error}${error instanceof Error ? error.cause : ''}`).not.toContain('canary')
  })
})
