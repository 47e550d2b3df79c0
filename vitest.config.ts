import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One project for each part of the tests; `npm run test:<part>` runs one. */
const parts = [
  ...['layering', 'unit', 'contract', 'protocol', 'faults', 'integration', 'examples', 'package', 'interop'],
]

/** After which a test hangs: no expectation, so long enough for a machine that is busy with other things. */
const testTimeouts: Readonly<Record<string, number>> = {
  integration: 60_000,
  examples: 60_000,
  package: 600_000,
  faults: 40_000 * Math.max(3, Number(process.env.FAULTS_ROUNDS ?? 3)),
}

/** Vitest would leave one core free, so that of two one is used. */
const cores = availableParallelism()

/** The parts that wait a lot: for tokens to expire, and for npm and browsers. */
const waiting: readonly string[] = ['integration', 'package']

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
        testTimeout: testTimeouts[name] ?? 30_000,
        hookTimeout: name === 'package' ? 300_000 : 60_000,
        maxWorkers: waiting.includes(name) ? cores + 1 : cores,
        // Files of one part share a few processes: what is loaded there, Next.js and the PDSes among it, is loaded once.
        isolate: false,
        // For the processes that tests start, with the command line in them for instance: half of their time is for
        // reading the library's TypeScript.
        env: { NODE_COMPILE_CACHE: here('node_modules/.cache/node') },
        setupFiles: [
          // Pieces of Next.js look for it when they are loaded, whichever file is the first to load one.
          'next/dist/server/node-environment-baseline.js',
          'tests/support/fresh-process.ts',
        ],
        ...(name === 'package' && { globalSetup: 'tests/support/package/pack.ts' }),
      },
    })),
  },
})
