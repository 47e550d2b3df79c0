import { defineConfig, type Project } from '@playwright/test'
import { chromiumArgs, findChromium } from './tests/support/chromium.ts'
import type { AppOptions } from './tests/support/e2e/fixtures.ts'

const executablePath = findChromium()
const components = /components[\w-]*\.spec\.ts/
/** Variations of what other tests show, which take long: `npm run test:e2e -- --long`. */
const isLong = process.env.LONG === '1'
/** What a person does works with either kind of client, and with the app's own scripts blocked. */
const everyWay = /(sign-in|accounts|guard|attacks|bad-input)\.spec\.ts/

/**
 * Scripts know nothing of the kind of client, so that two of the four pairs show both kinds, with scripts and without.
 * The other two are signed in with elsewhere: see old-holes.spec.ts and components.spec.ts.
 */
const otherPairs: readonly Project<AppOptions>[] = [
  {
    name: 'loopback, scripts blocked',
    testMatch: everyWay,
    use: { client: 'loopback', scripts: 'blocked' },
  },
  { name: 'confidential', testMatch: everyWay, use: { client: 'confidential', scripts: 'run' } },
]

export default defineConfig<AppOptions>({
  testDir: 'tests/e2e',
  globalSetup: './tests/support/e2e/build.ts',
  // Each has a network, a browser and one test at a time: tests count the requests that a PDS gets.
  workers: 2,
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
      name: 'confidential, scripts blocked',
      testMatch: everyWay,
      use: { client: 'confidential', scripts: 'blocked' },
    },
    ...(isLong ? otherPairs : []),
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
