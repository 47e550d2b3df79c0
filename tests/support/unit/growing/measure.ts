/**
 * Processor time of each parser for 10 KB and 1 MB of each of its inputs: `node --conditions=react-server
 * tests/support/unit/growing/measure.ts` prints one JSON object a line. A process of its own, because only whole processes
 * have a processor time.
 */
import { growingInputs } from './all.ts'
import type { GrowingInputs } from './inputs.ts'

/** One input of a parser. Times are in milliseconds of processor time, the best of five. */
export interface Growth {
  readonly parser: string
  readonly input: string
  readonly smallMs: number
  readonly largeMs: number
  readonly ratio: number
}

const [SMALL, MEDIUM, LARGE] = [10_000, 100_000, 1_000_000]
const TIMES = 5
/** Less is not compared: it is the cost of calling anything. */
const FLOOR_MS = 0.5
/** Ten times the input, and this many times the time: a hundred times the input would run for minutes. */
const MAX_STEP = 60

async function runs({ run }: GrowingInputs, text: string): Promise<void> {
  try {
    await run(text)
  } catch {
    // A refusal is an answer, too; which one is the matter of other tests.
  }
}

async function cpuMs(parser: GrowingInputs, text: string): Promise<number> {
  const before = process.cpuUsage()
  await runs(parser, text)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

async function bestOf(parser: GrowingInputs, text: string): Promise<number> {
  const times: number[] = []
  for (let at = 0; at < TIMES; at += 1) times.push(await cpuMs(parser, text))
  return Math.min(...times)
}

/** What 1 MB takes, or a hundred times what 100 KB takes where that is far too long already. */
async function growthOf(parser: GrowingInputs, input: string): Promise<Growth> {
  const make = parser.inputs[input] ?? (() => '')
  // Compiled by now.
  for (let at = 0; at < 20; at += 1) await runs(parser, make(SMALL))
  const smallMs = await bestOf(parser, make(SMALL))
  const mediumMs = await bestOf(parser, make(MEDIUM))
  const floor = Math.max(smallMs, FLOOR_MS)
  const largeMs = mediumMs > MAX_STEP * floor ? 100 * mediumMs : await bestOf(parser, make(LARGE))
  return { parser: parser.parser, input, smallMs, largeMs, ratio: largeMs / floor }
}

for (const parser of growingInputs) {
  for (const input of Object.keys(parser.inputs)) console.log(JSON.stringify(await growthOf(parser, input)))
}
