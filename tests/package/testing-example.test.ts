/** The example with tests of its own: they pass, with the package as it is installed and without any other server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest'
import { connectTestNetwork } from '../../lib/testing/index.ts'
import { chromiumArgs, findChromium } from '../support/chromium.ts'
import { build } from '../support/package/bare-app.ts'
import { copyExample, exampleFile } from '../support/package/example.ts'
import { newest } from '../support/package/matrix.ts'
import { runIn } from '../support/package/npm.ts'
import { findQuietPort } from '../support/package/start-app.ts'

const modules = join(import.meta.dirname, '../../node_modules')
/** Runners that the example installs by itself, and that are here already. */
const runners = ['vitest', '@playwright/test']
let place: string
let app: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'atproto-tested-'))
  app = join(place, 'app')
  await copyExample('testing', inject('installation'), app)
  await mkdir(join(app, 'node_modules/@playwright'), { recursive: true })
  for (const name of runners) await symlink(join(modules, name), join(app, 'node_modules', name))
})

afterAll(() => rm(place, { recursive: true, force: true, maxRetries: 3 }))

it('has unit tests that pass', async () => {
  const vitest = join(modules, 'vitest/vitest.mjs')
  expect(await runIn(app, process.execPath, [vitest, 'run', '--no-color'])).toMatch(/Tests +5 passed/)
})

it('has tests of its pages that pass, with a port of their own and the browser of this machine', async () => {
  await build(newest, app)
  const port = await findQuietPort(2)
  await writeFile(join(app, 'here.config.ts'), configurationHere(port))
  const playwright = join(modules, '@playwright/test/cli.js')
  const output = await runIn(app, process.execPath, [playwright, 'test', '--config=here.config.ts'])
  const [passed] = /6 passed.*/.exec(output) ?? []
  expect(passed).toBeDefined()
  console.log(`The tests of the example's pages: ${passed}.`)
})

it('has a network to try the application with, by the lines of the documentation', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/testing.md'), 'utf8')
  const [, code = ''] = /^```ts\n\/\/ network\.mjs\n(.*?)^```$/ms.exec(text) ?? []
  const port = await findQuietPort(1)
  await writeFile(join(app, 'network.mjs'), code.replace('2600', String(port)))
  const program = spawn(process.execPath, ['network.mjs'], { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void program.kill())
  const [line] = await once(program.stdout, 'data')
  expect(String(line)).toContain(`TEST_NETWORK=http://127.0.0.1:${port}`)
  const network = connectTestNetwork(`http://127.0.0.1:${port}`)
  expect(await network.account('bob.test')).toMatchObject({ handle: 'bob.test' })
})

it('names every package it needs', async () => {
  const { scripts, ...manifest } = JSON.parse(await exampleFile('testing', 'package.json'))
  expect(scripts.test).toBe('vitest run && next build && playwright test')
  expect(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })).toEqual(
    expect.arrayContaining(['next-atproto-auth', ...runners]),
  )
})

/** The example's own configuration, on quiet ports and with a browser that is found. */
function configurationHere(port: number): string {
  const launchOptions = { args: chromiumArgs, executablePath: findChromium() }
  return `process.env.APP_PORT = '${port}'
process.env.NETWORK_PORT = '${port + 1}'
const { default: config } = require('./playwright.config')
const use = { ...config.use, launchOptions: ${JSON.stringify(launchOptions)} }
// A busy machine is no failure.
export default { ...config, use, timeout: 120_000, expect: { timeout: 30_000 } }
`
}
