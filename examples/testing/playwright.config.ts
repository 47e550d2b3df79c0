import { defineConfig } from '@playwright/test'
import { dataDirectory, networkUrl, publicUrl, secret } from './tests/settings'

export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/start-network.ts',
  // One network for all tests, which each test resets.
  workers: 1,
  use: { baseURL: publicUrl },
  webServer: {
    command: `npx next start -H 127.0.0.1 -p ${new URL(publicUrl).port}`,
    url: `${publicUrl}/oauth-client-metadata.json`,
    // These come before those of .env files.
    env: {
      PUBLIC_URL: publicUrl,
      ATPROTO_SECRET: secret,
      ATPROTO_DATA_DIR: dataDirectory,
      TEST_NETWORK: networkUrl,
    },
  },
})
