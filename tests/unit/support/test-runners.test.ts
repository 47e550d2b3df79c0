/** `npm test` and `npm run test:package`, with stand-ins for the programs that they start. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const tests = join(import.meta.dirname, '../..')

/** What a runner starts, a line each with its PACKAGE_MATRIX; a program called with `failing` fails. */
function run(runner: string, args: readonly string[], failing = 'nothing') {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-runner-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = `#!/bin/sh\necho "$PACKAGE_MATRIX:$*"\ncase "$*" in *${failing}*) exit 7;; esac\n`
  for (const name of ['npm', 'vitest']) writeFileSync(join(folder, name), script, { mode: 0o755 })
  const { status, stdout } = spawnSync(process.execPath, [join(tests, runner), ...args], {
    encoding: 'utf8',
    env: { PATH: `${folder}:/usr/bin:/bin`, NODE_ENV: 'test', PACKAGE_MATRIX: 'of the shell' },
  })
  return { status, lines: stdout.trimEnd().split('\n') }
}

it('runs every part, the check of the conformance page last', () => {
  const { status, lines } = run('main.ts', [])
  expect(status).toBe(0)
  expect([lines.length, lines.at(-1)]).toEqual([10, 'of the shell:run conformance -- --check'])
  expect(lines).toContain('of the shell:run test:package')
})

it('ends at the first part that fails, as that part did', () => {
  const { status, lines } = run('main.ts', [], 'test:faults')
  expect([status, lines.at(-1)]).toEqual([7, 'of the shell:run test:faults'])
})

it('hands --long to the part that knows it', () => {
  expect(run('main.ts', ['--long']).lines).toContain('of the shell:run test:package -- --long')
  const [line = ''] = run('package/main.ts', ['--long', 'apps', '-t', 'x']).lines
  expect(line).toMatch(/^long:run --project package .*\.results\/package\.json apps -t x$/)
})

it('leaves the matrix as it is without --long, and fails as vitest does', () => {
  const { status, lines } = run('package/main.ts', ['apps'], 'apps')
  expect([status, lines[0]]).toEqual([7, expect.stringMatching(/^of the shell:run --project package /)])
})

it('refuses what it does not know', () => {
  expect(run('main.ts', ['--lang'])).toEqual({ status: 1, lines: [''] })
})
