import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type TestProjectInlineConfiguration } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One project for each part of the tests; `npm run test:<part>` runs one. */
const parts = [
  ...['layering', 'unit', 'contract', 'protocol', 'faults', 'integration', 'examples', 'package', 'interop'],
]

/** After which a test hangs: no expectation, so long enough for a machine that is busy with other things. */
const testTimeouts: Readonly<Record<string, number>> = {
  unit: 30_000 * Math.max(1, Number(process.env.FUZZ_RUNS ?? 0) / 1_000),
  integration: 60_000,
  examples: 60_000,
  package: 600_000,
  faults: 120_000,
}

/** Vitest would leave one core free, so that of two one is used. */
const cores = availableParallelism()

/** The parts that wait a lot: for tokens to expire, and for npm and browsers. */
const waiting: readonly string[] = ['integration', 'package']

/** Versions of optional peers on which the contract is tested too: the names that package.json gives them. */
const olderPeers: Readonly<Record<string, Record<string, string>>> = {
  'contract-oldest': {
    redis: 'redis-4',
    pg: 'pg-oldest',
    '@upstash/redis': 'upstash-redis-oldest',
    '@vercel/kv': 'vercel-kv-1',
  },
  'contract-redis-5': { redis: 'redis-5' },
}

/** Where the contract is tested on a package. */
const testsOfPeers: Readonly<Record<string, string>> = {
  redis: 'tests/contract/redis{,-failures,-topology}.test.ts',
  '@vercel/kv': 'tests/contract/vercel-kv{,-failures}.test.ts',
  pg: 'tests/contract/postgres-drivers.test.ts',
}

const ofPart = (name: string): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: testTimeouts[name] ?? 30_000,
    hookTimeout: name === 'package' ? 300_000 : 60_000,
    maxWorkers: waiting.includes(name) ? cores + 1 : cores,
    ...(name === 'package' && { globalSetup: 'tests/support/package/pack.ts' }),
  },
})

const ofOlderPeers = ([name, packages]: [
  string,
  Record<string, string>,
]): TestProjectInlineConfiguration => ({
  extends: true,
  plugins: [withPackages(packages)],
  test: {
    name,
    include: Object.keys(packages).flatMap((name) => testsOfPeers[name] ?? []),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: cores,
    provide: { vercelKv: packages['@vercel/kv'] ?? '@vercel/kv' },
  },
})

/** Gives the library and its tests another version of a package, and the tests' own servers the newest. */
function withPackages(packages: Readonly<Record<string, string>>): Plugin {
  return {
    // The packages are in the name, because Vitest keeps compiled modules by it.
    name: `with ${JSON.stringify(packages)}`,
    enforce: 'pre',
    resolveId(source, importer) {
      const name = packages[source]
      if (name === undefined || importer?.startsWith(here('tests/support/'))) return
      return this.resolve(name, importer, { skipSelf: true })
    },
  }
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
    projects: [...parts.map(ofPart), ...Object.entries(olderPeers).map(ofOlderPeers)],
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
  },
})
