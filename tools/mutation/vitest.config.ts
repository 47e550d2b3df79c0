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
    // They look at processes of their own and at documents, not at what is mutated.
    exclude: [
      'tests/protocol/sessions/memory.test.ts',
      'tests/unit/docs/messages.test.ts',
      'tests/unit/docs/conformance.test.ts',
    ],
    testTimeout: 10_000,
    hookTimeout: 60_000,
  },
})
