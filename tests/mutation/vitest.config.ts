/** What `npm run test:mutation` runs against each mutant: the parts that need no real PDS. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export default defineConfig({
  root: here(''),
  resolve: {
    alias: [
      { find: /^next-atproto-auth\/oauth$/, replacement: here('lib/oauth/index.ts') },
      { find: 'server-only', replacement: here('node_modules/server-only/empty.js') },
    ],
  },
  test: {
    include: ['tests/unit/**/*.test.ts', 'tests/protocol/**/*.test.ts'],
    // They measure memory and time, which instrumented code uses more of, or read files that are not copied.
    exclude: [
      ...['memory', 'sign-out', 'round-trips'].map((name) => `tests/protocol/${name}.test.ts`),
      'tests/unit/net/guarded-fetch-limits.test.ts',
      'tests/unit/docs.test.ts',
      'tests/unit/conformance.test.ts',
    ],
    testTimeout: 10_000,
    hookTimeout: 60_000,
  },
})
