/** Plays the parts of a run that are missing, one after the other, and keeps the result of each. */
import type { KeptResults } from './kept-results.ts'
import type { KeptResult, LongRun, Part } from './long-run.ts'

const LIMIT_MINUTES = 30

/**
 * How many parts failed. A part that throws is reported and not kept, and the others are played.
 *
 * @throws Error when a part hangs: what it started goes on, so the process has to end
 */
export async function playParts(run: LongRun, parts: readonly Part[], kept: KeptResults): Promise<number> {
  const missing = parts.filter((part) => !kept.has(part))
  console.log(`${missing.length} of ${parts.length} parts to play.`)
  let failed = 0
  for (const part of missing) {
    const label = `[${parts.indexOf(part) + 1}/${parts.length}] ${part.row}, ${part.name}`
    try {
      const result = await playPart(part)
      kept.keep(result)
      console.log(`${label}: ${renderResult(run, result)}`)
    } catch (error) {
      if (error instanceof HangingPartError) throw error
      failed += 1
      console.error(`${label}: failed:`, error)
    }
  }
  return failed
}

class HangingPartError extends Error {
  override readonly name = 'HangingPartError'
}

async function playPart({ row, name, play, limitMinutes = LIMIT_MINUTES }: Part): Promise<KeptResult> {
  const begunAt = performance.now()
  const { promise: hangs, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new HangingPartError(`${row}, ${name} did not end within ${limitMinutes} minutes.`))
  }, limitMinutes * 60_000)
  try {
    const { counts, lost } = await Promise.race([play(), hangs])
    return { row, name, counts, lost, seconds: Math.round((performance.now() - begunAt) / 100) / 10 }
  } finally {
    clearTimeout(timer)
  }
}

function renderResult({ counts }: LongRun, result: KeptResult): string {
  const figures = counts.map((count) => `${count} ${result.counts[count] ?? 0}`).join(', ')
  return [`${figures}, ${result.seconds} s`, ...result.lost.map((sentence) => `  lost: ${sentence}`)].join(
    '\n',
  )
}
