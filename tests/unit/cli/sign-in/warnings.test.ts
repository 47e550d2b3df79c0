/** What Node.js says by itself while a command runs. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../../../lib/cli/main.ts', import.meta.url))

/** The error output of a command during which Node.js warns of that. */
function shownWith(type: string, message: string): string {
  const warn = `process.emitWarning(${JSON.stringify(message)}, ${JSON.stringify(type)})`
  const preload = `data:text/javascript,process.once('beforeExit', () => ${warn})`
  const { status, stderr } = spawnSync(process.execPath, ['--import', preload, script, 'help'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  })
  expect(status).toBe(0)
  return stderr
}

it('is not that SQLite is experimental, as releases before 24 have it', () => {
  const message = 'SQLite is an experimental feature and might change at any time'
  expect(shownWith('ExperimentalWarning', message)).toBe('')
})

it.each([
  ['ExperimentalWarning', 'Something else is an experimental feature'],
  ['Warning', 'SQLite has lost a row'],
  ['DeprecationWarning', 'An old way was gone'],
])('is every other warning: %s %s', (type, message) => {
  expect(shownWith(type, message)).toContain(`${type}: ${message}`)
})
