/** `npm run test:e2e`; `-- --long` is for this project, whatever else is said goes to Playwright. */
import { spawnSync } from 'node:child_process'

const args = process.argv.slice(2)
const { status } = spawnSync('playwright', ['test', ...args.filter((arg) => arg !== '--long')], {
  stdio: 'inherit',
  env: args.includes('--long') ? { ...process.env, LONG: '1' } : process.env,
})
process.exitCode = status ?? 1
