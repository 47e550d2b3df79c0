/**
 * How much a process grows while hostile servers answer it: its resident size, measured in a process of its own that
 * does nothing else and collects its garbage before it is measured.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { serve } from '../../support/unit/serve.ts'

const run = promisify(execFile)
const PROBE = join(import.meta.dirname, '../../support/memory-probe.ts')
/** Small spaces that are given back at once: what then is left is held by somebody. */
const FLAGS = ['--expose-gc', '--optimize-for-size', '--max-semi-space-size=1']
const LIMIT_MIB = 50
const TIMEOUT_MS = 60_000

/** Growth in MiB. */
async function growthBy(work: string, times: number, server = ''): Promise<number> {
  const env = { ...process.env, HOSTILE_SERVER: server }
  const { stdout } = await run(process.execPath, [...FLAGS, PROBE, work, String(times)], { env })
  return Number.parseFloat(stdout)
}

it.each([
  ['nonces', 1_000_000],
  ['accounts', 1_500],
  ['servers', 1_500],
  ['long issuers', 600],
  ['long endpoints', 1_500],
])('L5 %s of %i hostile hosts stay below 50 MiB', { timeout: TIMEOUT_MS }, async (work, times) => {
  expect(await growthBy(work, times)).toBeLessThan(LIMIT_MIB)
})

it('L5 N7 SF-3 five hundred answers without end are cut off, and nothing of them is kept', {
  timeout: TIMEOUT_MS,
}, async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const { origin } = await serve((_request, response) => {
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    pour()
  })
  expect(await growthBy('endless answers', 500, origin)).toBeLessThan(LIMIT_MIB)
})
