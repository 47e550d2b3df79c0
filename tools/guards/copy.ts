/** A copy of the repository in a temporary folder: guards are taken out there and nowhere else. */
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseResults } from '../../tests/support/results.ts'
import { fileOf, type Guard, testsOf, withoutGuard } from './guard.ts'
import { outcomeOf, type TestRun } from './outcomes.ts'

export interface RepositoryCopy {
  /** Runs the tests of a guard without it, and puts it back. */
  runWithout(guard: Guard): Promise<TestRun>
  /** Runs test files on the code as it is. */
  run(tests: readonly string[]): Promise<TestRun>
  remove(): void
}

/** For the tests of one guard, which take seconds. */
const LIMIT_MS = 3 * 60_000
/** For all of them. */
const LIMIT_OF_ALL_MS = 20 * 60_000
const MAX_OUTPUT = 4_000

/** Copies what Git knows of the repository, and what is new in it; `node_modules` is linked. */
export function copyRepository(root: string): RepositoryCopy {
  const folder = mkdtempSync(join(tmpdir(), 'guards-'))
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root })
  for (const path of new Set(String(list).split('\0').filter(Boolean))) {
    // Git lists a file that was deleted until that is committed.
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, '.results'), { recursive: true })
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const run = (args: readonly string[], limitMs = LIMIT_OF_ALL_MS) => runTests(folder, args, limitMs)
  return {
    run,
    async runWithout(guard) {
      const path = join(folder, fileOf(guard))
      const text = readFileSync(path, 'utf8')
      writeFileSync(path, withoutGuard(guard, text))
      try {
        const tests = testsOf(guard)
        const first = await run(['--bail=1', ...tests], LIMIT_MS)
        // Of a file whose tests run at the same time, the first failure leaves no results.
        return outcomeOf(first).kind === 'broken' ? await run(tests, LIMIT_MS) : first
      } finally {
        writeFileSync(path, text)
      }
    },
    remove,
  }
}

async function runTests(folder: string, args: readonly string[], timeout: number): Promise<TestRun> {
  const file = join(folder, '.results/guards.json')
  rmSync(file, { force: true })
  const projects = new Set(args.flatMap((arg) => /^tests\/([^/]+)/.exec(arg)?.[1] ?? []))
  const vitest = [
    ...['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${file}`],
    ...[...projects].map((name) => `--project=${name}`),
  ]
  const output = await outputOf([...vitest, ...args], { cwd: folder, timeout })
  try {
    return { tests: parseResults(readFileSync(file, 'utf8')), output }
  } catch {
    return { tests: undefined, output }
  }
}

function outputOf(
  args: readonly string[],
  options: { readonly cwd: string; readonly timeout: number },
): Promise<string> {
  const child = spawn(process.execPath, args, options)
  let output = ''
  const add = (chunk: Buffer) => {
    output = (output + chunk).slice(-MAX_OUTPUT)
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  return new Promise((resolve) => child.once('close', () => resolve(output)))
}
