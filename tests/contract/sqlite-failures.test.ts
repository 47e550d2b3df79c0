import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { StoreUnavailableError } from '../../lib/errors.ts'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { MINUTE_MS } from '../support/contract/subject.ts'
import { tempFolder } from '../support/contract/temp-folder.ts'

const SQLITE_WRITER = fileURLToPath(new URL('../support/contract/sqlite-writer.ts', import.meta.url))

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

  it('S9: on a file that may only be read', async () => {
    const base = tempFolder()
    const path = join(base, 'sessions.sqlite')
    await createSqliteStore({ path }).close()
    chmodSync(path, 0o444)
    chmodSync(base, 0o555)
    withoutRights(() => {
      expect(() => createSqliteStore({ path })).toThrow(unavailable)
    })
    chmodSync(base, 0o755)
  })

  it('S9: when its disk is full, and keeps what it had stored', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    // The size that a file may have is the nearest to a full disk that everybody can have.
    const command = `ulimit -f 400; exec "${process.execPath}" --no-warnings "${SQLITE_WRITER}" "${path}"`
    const writer = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect(writer.stderr).toMatch(
      /StoreUnavailableError: The SQLite session store failed: .* Is its disk full/,
    )
    const stored = Number(writer.stdout.trimEnd().split('\n').at(-1))
    expect(stored).toBeGreaterThan(0)
    const db = new DatabaseSync(path)
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
    const store = createSqliteStore({ path })
    expect(Number((await store.get('last'))?.value)).toBeGreaterThanOrEqual(stored)
    await store.close()
  })

  it('S9 S5: when another process keeps the file locked', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const store = createSqliteStore({ path })
    const db = new DatabaseSync(path)
    db.exec('BEGIN IMMEDIATE')
    await expect(store.set('key', 'value', MINUTE_MS)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('Another process'),
    })
    // Reading is not held up.
    expect(await store.get('key')).toBeUndefined()
    db.exec('COMMIT')
    db.close()
    await store.set('key', 'value', MINUTE_MS)
    await store.close()
  }, 30_000)

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
      () => store.increment('key', 1),
      () => store.addMember('index', 'member', 1),
      () => store.removeMember('index', 'member'),
      () => store.members('index'),
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
