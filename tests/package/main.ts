/** `npm run test:package`; `-- --long` is for this project, whatever else is said goes to vitest. */
import { spawnSync } from 'node:child_process'

const args = process.argv.slice(2)
const isLong = args.includes('--long')
const reporters = ['--reporter=default', '--reporter=json', '--outputFile.json=.results/package.json']
const rest = args.filter((arg) => arg !== '--long')
const { status } = spawnSync('vitest', ['run', '--project', 'package', ...reporters, ...rest], {
  stdio: 'inherit',
  env: isLong ? { ...process.env, PACKAGE_MATRIX: 'long' } : process.env,
})
process.exitCode = status ?? 1
