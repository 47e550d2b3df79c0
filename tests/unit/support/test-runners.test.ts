/** `npm test` and the runners of its parts, with stand-ins for the programs that they start. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const tests = join(import.meta.dirname, '../..')

interface Stage {
  /** What a program is called with for it to fail. */
  readonly failing?: string
  /** Files of `.results`, by name: those that are there before. */
  readonly stale?: Readonly<Record<string, string>>
  /** Those that the parts write. */
  readonly written?: Readonly<Record<string, string>>
}

/** What a runner prints; each program that it starts adds a line with its PACKAGE_MATRIX and LONG. */
function run(
  runner: string,
  args: readonly string[],
  { failing = 'nothing', stale = {}, written = {} }: Stage = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-runner-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [place, files] of Object.entries({ '.results': stale, written })) {
    mkdirSync(join(folder, place))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, place, `${name}.json`), text)
  }
  const script = `#!/bin/sh
echo "$PACKAGE_MATRIX:$LONG:$*"
file="$(echo "$2" | sed s/test://).json"
[ -f "written/$file" ] && cp "written/$file" .results
case "$*" in *${failing}*) exit 7;; esac
[ -d written ] && [ ! -f ".results/$file" ] && echo '{"testResults":[]}' > ".results/$file"
exit 0
`
  for (const name of ['npm', 'vitest', 'playwright'])
    writeFileSync(join(folder, name), script, { mode: 0o755 })
  const { status, stdout } = spawnSync(process.execPath, [join(tests, runner), ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: `${folder}:/usr/bin:/bin`, NODE_ENV: 'test', PACKAGE_MATRIX: 'of the shell' },
  })
  return { status, lines: stdout.trimEnd().split('\n') }
}

/** Results as vitest writes them. */
const ofVitest = (statuses: Readonly<Record<string, string>>) => {
  const assertionResults = Object.entries(statuses).map(([title, status]) => ({
    title,
    status,
    ancestorTitles: ['group'],
  }))
  return JSON.stringify({ testResults: [{ name: 'tests/a.test.ts', status: 'passed', assertionResults }] })
}

/** Results as Playwright writes them. */
const ofPlaywright = (statuses: Readonly<Record<string, string>>) => {
  const specs = Object.entries(statuses).map(([title, status]) => ({
    title,
    file: 'b.spec.ts',
    tests: [{ projectName: 'server', status }],
  }))
  return JSON.stringify({ suites: [{ title: 'b.spec.ts', specs: [], suites: [{ title: 'group', specs }] }] })
}

it('runs every part, the check of the conformance page last, and says which one is running', () => {
  const { status, lines } = run('main.ts', [])
  expect(status).toBe(0)
  const started = lines.filter((line) => line.startsWith('of the shell:'))
  expect([started.length, started.at(-1)]).toEqual([10, 'of the shell::run conformance -- --check'])
  expect(lines).toContain('[8/10] test:package')
  expect(lines).toContain('of the shell::run test:package')
})

it('adds up what the parts have written', () => {
  const unit = ofVitest({ one: 'passed', two: 'passed', three: 'skipped' })
  const e2e = ofPlaywright({ four: 'expected', five: 'flaky', six: 'skipped' })
  const { status, lines } = run('main.ts', [], { written: { unit, e2e } })
  expect([status, lines.at(-1)]).toEqual([0, '4 passed, 0 failed, 2 skipped'])
})

it('runs the other parts after one that failed, names the failed tests and fails', () => {
  const unit = ofVitest({ one: 'passed', two: 'failed' })
  const e2e = ofPlaywright({ three: 'unexpected' })
  const { status, lines } = run('main.ts', [], { failing: 'test:', written: { unit, e2e } })
  expect([status, lines.at(-1)]).toEqual([1, '1 passed, 8 failed'])
  expect(lines).toContain('of the shell::run conformance -- --check')
  expect(lines).toContain('failed: test:unit: tests/a.test.ts › group › two')
  expect(lines).toContain('failed: test:e2e: [server] › b.spec.ts › group › three')
})

it('counts a part as failed that ended without results, whatever an earlier run has left', () => {
  const unit = ofVitest({ one: 'passed' })
  const { status, lines } = run('main.ts', [], { failing: 'test:unit', stale: { unit } })
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 1 failed'])
  expect(lines).toContain('failed: test:unit: ended with 7 and left no results')
})

it('counts a part as failed whose results are cut off, even if it ended well', () => {
  const { status, lines } = run('main.ts', [], { written: { unit: '{"testResults":[' } })
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 1 failed'])
})

it('counts a part as failed whose runner failed though its tests did not', () => {
  const unit = ofVitest({ one: 'passed' })
  const { status, lines } = run('main.ts', [], { failing: 'test:unit', written: { unit } })
  expect([status, lines.at(-1)]).toEqual([1, '1 passed, 1 failed'])
})

it('counts a file as failed that could not be loaded', () => {
  const unit = JSON.stringify({
    testResults: [{ name: 'tests/a.test.ts', status: 'failed', assertionResults: [] }],
  })
  const { lines } = run('main.ts', [], { failing: 'test:unit', written: { unit } })
  expect(lines).toContain('failed: test:unit: tests/a.test.ts › the file as a whole')
  expect(lines.at(-1)).toBe('0 passed, 1 failed')
})

it('hands --long to the parts that know it', () => {
  const { lines } = run('main.ts', ['--long'])
  expect(lines).toContain('of the shell::run test:package -- --long')
  expect(lines).toContain('of the shell::run test:e2e -- --long')
  const [ofPackage = ''] = run('package/main.ts', ['--long', 'apps', '-t', 'x']).lines
  expect(ofPackage).toMatch(/^long::run --project package .*\.results\/package\.json apps -t x$/)
  expect(run('e2e/main.ts', ['--long', 'axe']).lines).toEqual(['of the shell:1:test axe'])
})

it('runs the short matrix and the short browser tests without --long, and fails as their runners do', () => {
  const ofPackage = run('package/main.ts', ['apps'], { failing: 'apps' })
  expect([ofPackage.status, ofPackage.lines[0]]).toEqual([
    ...[7, expect.stringMatching(/^of the shell::run --project package /)],
  ])
  const ofBrowser = run('e2e/main.ts', ['axe'], { failing: 'axe' })
  expect(ofBrowser).toEqual({ status: 7, lines: ['of the shell::test axe'] })
})

it('refuses what it does not know', () => {
  expect(run('main.ts', ['--lang'])).toEqual({ status: 1, lines: [''] })
})
