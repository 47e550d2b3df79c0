/**
 * Steady use of one process for twenty minutes, ten on each store. A part that is stopped begins again: memory over time
 * cannot be put together from pieces.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreKind } from '../../../tests/support/faults/store-place.ts'
import type { Sample } from '../app/messages.ts'
import type { LongRun, PartResult } from '../long-run.ts'
import { type OpenRun, openRun } from '../random/open-run.ts'
import { resultOf } from '../random/result.ts'
import type { Run } from '../random/run.ts'
import { createDice } from '../random/seeded.ts'
import { actOnce, checkAll } from '../random/turns.ts'
import { type Growth, grows, growthOf } from './growth.ts'

const MINUTE_MS = 60_000
const MINUTES = 10
/** At every scale: until code is compiled, connections are open and bounded caches have their usual size. */
const WARM_UP = 2
/** An action begins this often. */
const PACE_MS = 100
const LANES = 8
/** Of the heap at first: what may come on top of it. */
const HEAP_SHARE = 0.05
/** How many handles and files more there may be. */
const HANDLES = 3
const stores: readonly StoreKind[] = ['redis', 'sqlite']

export const soak: LongRun = {
  what: 'twenty minutes of steady use of one process, whose memory and handles must not grow',
  counts: [
    ...['actions', 'sign-ins', 'calls', 'refreshes', 'heap KiB, first', 'heap KiB, last', 'handles, first'],
    ...['handles, last', 'files, first', 'files, last', 'rss MiB', 'rows'],
  ],
  parts: (scale) =>
    stores.map((kind) => ({
      row: kind,
      name: `soak-${kind}`,
      play: () => playSoak(kind, MINUTE_MS * scale),
    })),
}

/** @param minuteMs how long a minute takes: less than one at a smaller scale */
async function playSoak(kind: StoreKind, minuteMs: number): Promise<PartResult> {
  const size = { seed: `soak-${kind}`, kind, processes: 1, browsers: 36, flags: ['--expose-gc'] }
  await using opened = await openRun(size)
  const isOver = new AbortController()
  const acting = actSteadily(opened.run, isOver.signal)
  const samples = await takeSamples(opened, minuteMs)
  isOver.abort()
  await acting
  const rows = await opened.place.countRows()
  await checkAll(opened.run, LANES)
  const result = await resultOf(opened.run)
  const { counts, lost } = judge(samples)
  return { counts: { ...result.counts, ...counts, rows }, lost: [...result.lost, ...lost] }
}

/** One action after the other begins, as many in each minute; when too many are at work, one is left out. */
async function actSteadily(run: Run, signal: AbortSignal): Promise<void> {
  const dice = createDice(`${run.seed} choices`)
  const underWay = new Set<Promise<void>>()
  while (!signal.aborted) {
    if (underWay.size < LANES) {
      const action = actOnce(run, dice)
      underWay.add(action)
      void action.finally(() => underWay.delete(action))
    }
    await sleep(PACE_MS)
  }
  await Promise.all(underWay)
}

/** One a minute, after the warm-up, which is no shorter at a smaller scale. */
async function takeSamples({ run }: OpenRun, minuteMs: number): Promise<readonly Sample[]> {
  const [process] = run.application.running
  if (!process) throw new Error('There is no process.')
  await sleep(WARM_UP * MINUTE_MS)
  const samples = [await process.sample()]
  while (samples.length <= MINUTES - WARM_UP) {
    await sleep(minuteMs)
    samples.push(await process.sample())
  }
  return samples
}

function judge(samples: readonly Sample[]): PartResult {
  const heap = growthOf(samples.map(({ heapUsed }) => heapUsed / 1024))
  const handles = growthOf(samples.map(({ resources }) => resources.length))
  const files = growthOf(samples.map((sample) => sample.files))
  const all = samples.map(({ heapUsed }) => Math.round(heapUsed / 1024)).join(', ')
  const lost = [
    ...describeGrowth(`the heap (KiB: ${all})`, heap, heap.first * HEAP_SHARE),
    ...describeGrowth('the number of handles', handles, HANDLES),
    ...describeGrowth('the number of open files', files, HANDLES),
  ]
  const counts = {
    'heap KiB, first': Math.round(heap.first),
    'heap KiB, last': Math.round(heap.last),
    'handles, first': Math.round(handles.first),
    'handles, last': Math.round(handles.last),
    'files, first': Math.round(files.first),
    'files, last': Math.round(files.last),
    'rss MiB': Math.round(Math.max(...samples.map(({ rss }) => rss)) / 2 ** 20),
  }
  return { counts, lost }
}

function describeGrowth(what: string, growth: Growth, limit: number): readonly string[] {
  if (!grows(growth, limit)) return []
  const [first, last] = [growth.first.toFixed(1), growth.last.toFixed(1)]
  return [`${what} grew from ${first} to ${last}, more than ${limit.toFixed(1)}`]
}
