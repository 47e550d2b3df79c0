/** The kinds of application that the package is tried in. */

/** One bare application. */
export interface BareApp {
  readonly name: string
  readonly next: string
  readonly typescript: string
  readonly bundler: 'turbopack' | 'webpack'
  readonly guard: 'proxy' | 'middleware'
  readonly srcDir: boolean
  readonly cacheComponents: boolean
  /** `Dockerfile`: standalone, built and run by the steps of the Dockerfile in docs/deployment.md. */
  readonly output: 'default' | 'standalone' | 'Dockerfile'
  /** Whether it has pages in which Next.js has rules of its own for a session. */
  readonly corners: boolean
  /** On https with keys, or on 127.0.0.1 without. */
  readonly client: 'confidential' | 'loopback'
  /** Whether it is also built with a mistake in it: one application for each bundler. */
  readonly breaks: boolean
}

const latest = { next: '16.4.6', typescript: '7.0.2' }
// Next 15 does not know TypeScript 7.
const older = { next: '15.5.29', typescript: '5.9.3' }
/** The lowest that `peerDependencies` allows. */
const lowest = { next: '16.4.1', typescript: '7.0.2' }
const lowestOlder = { next: '15.5.28', typescript: '5.9.3' }

const plain = {
  ...latest,
  bundler: 'turbopack',
  guard: 'proxy',
  srcDir: false,
  cacheComponents: false,
  output: 'default',
  corners: false,
  breaks: false,
  client: 'loopback',
} as const

const standalone = {
  ...plain,
  cacheComponents: true,
  output: 'Dockerfile',
  corners: true,
  breaks: true,
  client: 'confidential',
} as const
const webpackOlder = { ...plain, bundler: 'webpack', guard: 'middleware', corners: true } as const

/** The simplest one, on the newest Next.js. */
export const newest: BareApp = { ...plain, name: 'the newest' }

/**
 * Each bundler, each major version, either name of the proxy's file, either client, and both kinds of caching; the newest
 * and the lowest versions. The newest one with Turbopack and `next start` is not among them: the examples are that.
 */
const always: readonly BareApp[] = [
  { ...standalone, ...lowest, name: 'the lowest 16, Turbopack, proxy.ts, cacheComponents, standalone' },
  {
    ...plain,
    name: '16, webpack, middleware.ts, src',
    bundler: 'webpack',
    guard: 'middleware',
    srcDir: true,
    corners: true,
    breaks: true,
  },
  {
    ...webpackOlder,
    ...lowestOlder,
    name: 'the lowest 15.5, webpack, middleware.ts',
  },
]

const long: readonly BareApp[] = [
  { ...standalone, name: '16, Turbopack, proxy.ts, cacheComponents, standalone' },
  { ...webpackOlder, ...older, name: '15.5, webpack, middleware.ts' },
  {
    ...plain,
    name: '16, Turbopack, proxy.ts, cacheComponents',
    cacheComponents: true,
    corners: true,
    client: 'confidential',
  },
  { ...plain, name: '16, webpack, middleware.ts', bundler: 'webpack', guard: 'middleware' },
  { ...plain, name: '16, Turbopack, middleware.ts, src', guard: 'middleware', srcDir: true, corners: true },
  {
    ...plain,
    ...older,
    name: '15.5, webpack, middleware.ts, https',
    bundler: 'webpack',
    guard: 'middleware',
    client: 'confidential',
  },
  { ...plain, ...older, name: '15.5, Turbopack, middleware.ts', guard: 'middleware', corners: true },
  { ...plain, name: '16, standalone', output: 'Dockerfile', client: 'confidential' },
  {
    ...plain,
    name: '16, webpack, proxy.ts, cacheComponents',
    bundler: 'webpack',
    cacheComponents: true,
    corners: true,
  },
  { ...plain, name: '16, webpack, standalone, src', bundler: 'webpack', output: 'standalone', srcDir: true },
  {
    ...plain,
    name: '15.5, webpack, standalone, src, https',
    ...older,
    bundler: 'webpack',
    guard: 'middleware',
    output: 'standalone',
    srcDir: true,
    client: 'confidential',
  },
  { ...plain, ...lowest, name: 'the lowest 16, Turbopack, middleware.ts', guard: 'middleware' },
]

/** The applications of `npm test`; with `-- --long` some more. */
export const matrix = process.env.PACKAGE_MATRIX === 'long' ? [...always, ...long] : always
