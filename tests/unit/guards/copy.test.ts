/** A copy of a small repository, and what its tests show without a guard. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../../../tools/docs/source.ts'
import { copyRepository } from '../../../tools/guards/copy.ts'
import type { Guard } from '../../../tools/guards/guard.ts'
import { outcomeOf } from '../../../tools/guards/outcomes.ts'

const DOOR = 'export const isOpen = (key) => {\n  if (!key) return false\n  return true\n}\n'

/** The repository in a temporary folder, with that test of its door. */
function createCopy(test: string) {
  const folder = mkdtempSync(join(tmpdir(), 'guards-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = {
    '.gitignore': 'node_modules\n',
    'vitest.config.mjs':
      "export default { test: { projects: [{ test: { name: 'unit', include: ['tests/**/*.test.ts'] } }] } }\n",
    'lib/door.js': DOOR,
    'tests/unit/door.test.ts': `import { describe, expect, it } from 'vitest'\nimport { isOpen } from '../../lib/door.js'\n${test}`,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  execFileSync('git', ['init', '-q'], { cwd: folder })
  const copy = copyRepository(folder)
  onTestFinished(() => copy.remove())
  return { copy, doorOf: () => readFileSync(join(folder, 'lib/door.js'), 'utf8') }
}

const guard: Guard = {
  file: 'door.js',
  what: 'the door is open',
  why: 'walks in',
  from: '  if (!key) return false\n',
  to: '',
  tests: ['unit/door'],
}

it.each([
  ['by itself', "it('is shut', () => expect(isOpen()).toBe(false))\n", 'red', 'is shut'],
  [
    'among others that run at the same time',
    `describe.concurrent('the door', () => {
  it('is shut', async () => expect(isOpen()).toBe(false))
  it('opens', async () => expect(isOpen('key')).toBe(true))
})
`,
    'red',
    'the door › is shut',
  ],
  ['not at all', "it('opens', () => expect(isOpen('key')).toBe(true))\n", 'green', ''],
])('names the test that fails %s, and leaves the repository as it is', async (_, test, kind, detail) => {
  const { copy, doorOf } = createCopy(test)
  expect(outcomeOf(await copy.runWithout(guard))).toEqual({ kind, detail })
  expect(doorOf()).toBe(DOOR)
})
