import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { expectFairRace, ROUNDS, race, startScript } from '../support/contract/race.ts'
import { tempFolder } from '../support/contract/temp-folder.ts'

describe('two processes on one SQLite file', () => {
  it('O2 RF-2 S8 never both win the same take, update, delete or lease, and count together', async () => {
    await expectFairRace('sqlite', join(tempFolder(), 'sessions.sqlite'))
  }, 30_000)

  it('can make the file at the same moment', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const won = await race('sqlite', path, 3)
    expect(won.reduce((sum, { lease }) => sum + lease, 0)).toBe(ROUNDS)
  }, 30_000)
})

describe('a process that is killed while it writes', () => {
  it('S9: leaves a sound file with everything it had stored', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    let stored = 0
    for (let kill = 0; kill < 3; kill += 1) {
      const writer = startScript('./sqlite-writer.ts', path)
      for await (const line of createInterface(writer.stdout)) {
        stored = Number(line)
        if (stored >= 40 + kill * 17) writer.kill('SIGKILL')
      }
      if (writer.signalCode === null) await once(writer, 'exit')
      expect(writer.signalCode).toBe('SIGKILL')

      const db = new DatabaseSync(path)
      expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      db.close()
      const store = createSqliteStore({ path })
      expect(Number((await store.get('last'))?.value)).toBeGreaterThanOrEqual(stored)
      await store.close()
    }
  }, 30_000)
})
