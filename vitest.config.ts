import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One project for each part of the tests; `npm run test:<part>` runs one. */
const parts = [
  ...['layering', 'unit', 'contract', 'protocol', 'faults', 'integration', 'examples', 'package', 'interop'],
]

const testTimeouts: Readonly<Record<string, number>> = {
  integration: 60_000,
  examples: 60_000,
  package: 600_000,
  faults: 40_000 * Math.max(3, Number(process.env.FAULTS_ROUNDS ?? 3)),
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^next-atproto-auth$/, replacement: here('lib/next/index.ts') },
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
        testTimeout: testTimeouts[name] ?? 10_000,
        hookTimeout: name === 'package' ? 300_000 : 60_000,
        ...(name === 'package' && { globalSetup: 'tests/package/pack.ts' }),
      },
    })),
  },
})
