import { defineConfig } from '@playwright/test'
import type { AppOptions } from './tests/e2e/fixtures.ts'
import { chromiumArgs, findChromium } from './tests/support/chromium.ts'

const executablePath = findChromium()
const components = /components[\w-]*\.spec\.ts/
/** Variations of what other tests show, which take long: `npm run test:e2e -- --long`. */
const isLong = process.env.LONG === '1'
/** What a person does works with either kind of client, and with the app's own scripts blocked. */
const everyWay = /(sign-in|accounts|guard|attacks|bad-input)\.spec\.ts/

/**
 * Scripts know nothing of the kind of client, so that two of the four pairs show each kind and each page with and
 * without scripts. Of the others, one test is enough.
 */
const otherPairs = isLong ? {} : { grep: /@every-way/ }

export default defineConfig<AppOptions>({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/build.ts',
  // One network, one browser, one test at a time: tests count the requests that a PDS gets. Two workers, each with a
  // network of its own, take as long on two cores.
  workers: 1,
  timeout: 90_000,
  // A busy machine is no failure.
  expect: { timeout: 15_000 },
  ...(isLong ? {} : { grepInvert: /@long/ }),
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: '.results/e2e.json' }]],
  use: {
    locale: 'en-US',
    ignoreHTTPSErrors: true,
    // Without a film of the page, which takes a third of all time: a trace shows the page at each step.
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: { args: [...chromiumArgs], ...(executablePath && { executablePath }) },
  },
  projects: [
    { name: 'loopback', testMatch: everyWay, use: { client: 'loopback', scripts: 'run' } },
    {
      name: 'loopback, scripts blocked',
      testMatch: everyWay,
      ...otherPairs,
      use: { client: 'loopback', scripts: 'blocked' },
    },
    {
      name: 'confidential',
      testMatch: everyWay,
      ...otherPairs,
      use: { client: 'confidential', scripts: 'run' },
    },
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
