/**
 * `npm test`: every part, one after the other; the first that fails ends it. `npm test -- --long` tries the package in
 * more applications.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const parts = [
  ...['check', 'test:unit', 'test:contract', 'test:faults', 'test:protocol', 'test:integration'],
  ...['test:examples', 'test:package', 'test:e2e', 'conformance -- --check'],
]
const { values } = parseArgs({ options: { long: { type: 'boolean' } } })

for (const part of parts) {
  const args = part === 'test:package' && values.long ? [part, '--', '--long'] : part.split(' ')
  const { status } = spawnSync('npm', ['run', ...args], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
