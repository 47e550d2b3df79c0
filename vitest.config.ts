import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One project for each part of the tests; `npm run test:<part>` runs one. */
const parts = ['layering', 'unit', 'contract', 'protocol', 'integration', 'examples', 'interop']

export default defineConfig({
  resolve: {
    alias: [
      { find: /^next-atproto-auth\/oauth$/, replacement: here('lib/oauth/index.ts') },
      // It throws outside a server bundle; what bundlers take in its place is this empty module.
      { find: 'server-only', replacement: here('node_modules/server-only/empty.js') },
    ],
  },
  test: {
    projects: parts.map((name) => ({
      extends: true as const,
      test: {
        name,
        include: [`tests/${name}/**/*.test.ts`],
        testTimeout: name === 'integration' || name === 'examples' ? 60_000 : 10_000,
        hookTimeout: 60_000,
      },
    })),
  },
})
