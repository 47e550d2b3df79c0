import { defineConfig } from '@playwright/test'
import type { AppOptions } from './tests/e2e/fixtures.ts'
import { chromiumArgs, findChromium } from './tests/support/chromium.ts'

const executablePath = findChromium()
const components = /components[\w-]*\.spec\.ts/
/** What a person does works with either kind of client, and with the app's own scripts blocked. */
const everyWay = /(sign-in|accounts|guard|attacks|bad-input)\.spec\.ts/

export default defineConfig<AppOptions>({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/build.ts',
  // One network, one browser, one test at a time: tests count the requests that a PDS gets. Two workers, each with a
  // network of its own, take as long on two cores.
  workers: 1,
  timeout: 90_000,
  // A busy machine is no failure.
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: '.results/e2e.json' }]],
  use: {
    locale: 'en-US',
    ignoreHTTPSErrors: true,
    trace: 'retain-on-failure',
    launchOptions: { args: [...chromiumArgs], ...(executablePath && { executablePath }) },
  },
  projects: [
    { name: 'loopback', testMatch: everyWay, use: { client: 'loopback', scripts: 'run' } },
    {
      name: 'loopback, scripts blocked',
      testMatch: everyWay,
      use: { client: 'loopback', scripts: 'blocked' },
    },
    { name: 'confidential', testMatch: everyWay, use: { client: 'confidential', scripts: 'run' } },
    {
      name: 'confidential, scripts blocked',
      testMatch: everyWay,
      use: { client: 'confidential', scripts: 'blocked' },
    },
    {
      name: 'components',
      testMatch: components,
      // They build one application, in one folder.
      workers: 1,
      use: { client: 'loopback', scripts: 'run' },
    },
    { name: 'server', testIgnore: [everyWay, components], use: { client: 'loopback', scripts: 'run' } },
  ],
})
