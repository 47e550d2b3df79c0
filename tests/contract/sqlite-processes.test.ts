import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createSqliteStore } from '../../lib/store/sqlite.ts'
import { tempFolder } from './temp-folder.ts'

const ROUNDS = 200
const wonSchema = z.object({ take: z.number(), update: z.number(), lease: z.number() })

function start(script: string, ...args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Lets processes race on one file; what each of them won. */
async function race(path: string, processes: number) {
  const children = Array.from({ length: processes }, (_, n) =>
    start('./sqlite-worker.ts', path, `owner ${n}`, String(ROUNDS)),
  )
  const outputs = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]())
  for (const output of outputs) expect((await output.next()).value).toBe('ready')
  const beginAt = Date.now() + 50
  for (const child of children) child.stdin.write(`${beginAt}\n`)
  const results = await Promise.all(outputs.map((output) => output.next()))
  return results.map(({ value }) => wonSchema.parse(JSON.parse(String(value))))
}

describe('two processes on one SQLite file', () => {
  it('never both win the same take, update or lease', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const store = createSqliteStore({ path })
    for (let round = 0; round < ROUNDS; round += 1) {
      await store.set(`take ${round}`, 'value', 60_000)
      await store.set(`update ${round}`, 'value', 60_000)
    }
    const [first, second] = await race(path, 2)
    if (!first || !second) throw new TypeError('two processes were started')
    expect([first.take + second.take, first.update + second.update, first.lease + second.lease]).toEqual([
      ROUNDS,
      ROUNDS,
      ROUNDS,
    ])
    // Otherwise one was done before the other began, and nothing was shown.
    expect(Math.min(first.lease, second.lease)).toBeGreaterThan(0)
    await store.close()
  }, 30_000)

  it('can make the file at the same moment', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    const won = await race(path, 3)
    expect(won.reduce((sum, { lease }) => sum + lease, 0)).toBe(ROUNDS)
  }, 30_000)
})

describe('a process that is killed while it writes', () => {
  it('leaves a sound file with everything it had stored', async () => {
    const path = join(tempFolder(), 'sessions.sqlite')
    let stored = 0
    for (let kill = 0; kill < 3; kill += 1) {
      const writer = start('./sqlite-writer.ts', path)
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
