/** Real processes that race each other on one store. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openStore } from './open-store.ts'

export const ROUNDS = 100
const count = z.number()
const wonSchema = z.object({ take: count, update: count, lease: count, delete: count, counted: count })
type Won = z.infer<typeof wonSchema>

/** Starts a script of this folder with Node; it is killed when the test is over. */
export function startScript(
  script: string,
  ...args: readonly string[]
): ChildProcessByStdio<Writable, Readable, null> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Lets processes race on one store; what each of them won. */
export async function race(kind: string, address: string, processes: number): Promise<readonly Won[]> {
  const children = Array.from({ length: processes }, (_, n) =>
    startScript('./race-worker.ts', kind, address, `owner ${n}`),
  )
  const outputs = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]())
  const hear = () => Promise.all(outputs.map(async (output) => String((await output.next()).value)))
  expect(new Set(await hear())).toEqual(new Set(['ready']))
  for (let round = 0; round < ROUNDS; round += 1) {
    // They begin each round together; who is told first takes turns.
    const inOrder = round % 2 === 0 ? children : children.toReversed()
    for (const child of inOrder) child.stdin.write(`${round}\n`)
    expect(new Set(await hear())).toEqual(new Set(['done']))
  }
  for (const child of children) child.stdin.end()
  return (await hear()).map((line) => wonSchema.parse(JSON.parse(line)))
}

/** What two processes may not both win, none of which may be lost either. */
export async function expectFairRace(kind: string, address: string): Promise<void> {
  const store = openStore(kind, address)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const race of ['take', 'update', 'delete']) await store.set(`${race} ${round}`, 'value', 60_000)
  }
  const [first, second] = await race(kind, address, 2)
  if (!first || !second) throw new TypeError('two processes were started')
  expect({
    take: first.take + second.take,
    update: first.update + second.update,
    lease: first.lease + second.lease,
    delete: first.delete + second.delete,
    counted: Math.max(first.counted, second.counted),
    members: (await store.members('index')).length,
  }).toEqual({
    take: ROUNDS,
    update: ROUNDS,
    lease: ROUNDS,
    delete: ROUNDS,
    counted: 2 * ROUNDS,
    members: 2 * ROUNDS,
  })
  // Otherwise one was done before the other began, and nothing was shown.
  expect(Math.min(first.lease, second.lease)).toBeGreaterThan(0)
  await store.close()
}
