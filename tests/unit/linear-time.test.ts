/**
 * Inputs on which an expression or a nested loop would take hours: these tests end only if time is linear. The long run also
 * measures the processor time.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeEncoding } from '../../lib/net/content-encoding.ts'
import { resourceHeaders } from '../../lib/oauth/resource/request-body.ts'
import { parseCallback, shownParams } from '../../lib/oauth/sign-in/callback-parameters.ts'
import { describeUserAgent } from '../../lib/web/device-label.ts'
import { createPathMatcher } from '../../lib/web/path-pattern.ts'
import { growingInputs } from '../support/unit/growing/all.ts'

const LENGTH = 1_000_000
/** For the many: enough to keep the square of it busy for minutes. */
const SHORTER = 200_000
/** For a hundred times the input: three times what a linear parser takes, for the garbage collector's part. */
const MAX_RATIO = 300
const program = join(import.meta.dirname, '../support/unit/growing/measure.ts')
const growthSchema = z.object({ parser: z.string(), input: z.string(), ratio: z.number() })

describe('a hostile input takes a time that grows with its length, not with the square of it', () => {
  it('a guarded path of slashes', () => {
    const matches = createPathMatcher(['/account/:path*'], 'protect')
    expect(matches(`${'/'.repeat(LENGTH)}x`)).toBe(false)
    expect(matches(`/account${'/'.repeat(LENGTH)}`)).toBe(true)
  })

  it('a header Connection of spaces', () => {
    const connection = `x-secret${' '.repeat(LENGTH)}x`
    expect([...resourceHeaders({ connection, accept: '*/*' })]).toEqual([['accept', '*/*']])
  })

  it('a content encoding of spaces', () => {
    const headers = new Headers({ 'content-encoding': `br${' '.repeat(LENGTH)}x` })
    expect(describeEncoding(headers)).toBe('unknown')
  })

  it('a callback of many parameters', () => {
    const params = new URLSearchParams(Array.from({ length: 200_000 }, (_, n) => [`p${n}`, 'x']))
    expect(() => parseCallback(params)).toThrow('state is missing')
    params.append('p0', 'x')
    expect(() => parseCallback(params)).toThrow('more than once')
    expect(shownParams(params).size).toBe(32)
  })

  it('a browser’s name that begins again and again', () => {
    expect(describeUserAgent('Version/'.repeat(LENGTH / 8))).toBeUndefined()
  })

  it.each(growingInputs)('$parser', async ({ inputs, run }) => {
    for (const make of Object.values(inputs)) {
      const text = make(SHORTER)
      expect(text.length).toBeGreaterThanOrEqual(SHORTER)
      // A refusal is an answer, too.
      await (async () => run(text))().catch(() => undefined)
    }
  })
})

it.runIf(process.env.FUZZ_RUNS)(
  '1 MB of any input takes at most 300 times the processor time of 10 KB',
  async () => {
    const args = ['--conditions=react-server', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 })
    const growths = stdout
      .trim()
      .split('\n')
      .map((line) => growthSchema.parse(JSON.parse(line)))
    expect(new Set(growths.map(({ parser }) => parser)).size).toBe(growingInputs.length)
    expect(growths.filter(({ ratio }) => ratio > MAX_RATIO)).toEqual([])
  },
  1_800_000,
)
