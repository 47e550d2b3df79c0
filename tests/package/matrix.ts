/** The kinds of application that the package is tried in. */

/** One bare application. */
export interface BareApp {
  readonly name: string
  readonly next: string
  readonly bundler: 'turbopack' | 'webpack'
  /** `none`: the page's own check stands alone. */
  readonly guard: 'proxy' | 'middleware' | 'none'
  readonly srcDir: boolean
  readonly cacheComponents: boolean
  readonly output: 'default' | 'standalone'
  /** Who writes the files: the command, or the README's own text. */
  readonly by: 'init' | 'README'
  /** On https with keys, or on 127.0.0.1 without. */
  readonly client: 'confidential' | 'loopback'
}

const NEXT_16 = '16.4.6'
const NEXT_15 = '15.5.29'

const plain = {
  next: NEXT_16,
  bundler: 'turbopack',
  guard: 'proxy',
  srcDir: false,
  cacheComponents: false,
  output: 'default',
  by: 'init',
  client: 'loopback',
} as const

const always: readonly BareApp[] = [
  {
    ...plain,
    name: '16, Turbopack, proxy.ts, cacheComponents',
    cacheComponents: true,
    client: 'confidential',
  },
  { ...plain, name: '16, webpack, middleware.ts', bundler: 'webpack', guard: 'middleware' },
  { ...plain, name: '16, Turbopack, middleware.ts, src', guard: 'middleware', srcDir: true },
  { ...plain, name: '15.5, webpack, middleware.ts', next: NEXT_15, bundler: 'webpack', guard: 'middleware' },
  { ...plain, name: '15.5, Turbopack, middleware.ts', next: NEXT_15, guard: 'middleware' },
  { ...plain, name: '16, standalone', output: 'standalone', client: 'confidential' },
  { ...plain, name: 'the three files of the README', by: 'README', guard: 'none' },
]

const long: readonly BareApp[] = [
  { ...plain, name: '16, webpack, proxy.ts, cacheComponents', bundler: 'webpack', cacheComponents: true },
  { ...plain, name: '16, webpack, standalone, src', bundler: 'webpack', output: 'standalone', srcDir: true },
  {
    ...plain,
    name: '15.5, webpack, standalone, src, https',
    next: NEXT_15,
    bundler: 'webpack',
    guard: 'middleware',
    output: 'standalone',
    srcDir: true,
    client: 'confidential',
  },
  { ...plain, name: 'the lowest 16', next: '16.0.10', guard: 'proxy' },
  { ...plain, name: 'the lowest 15.5', next: '15.5.9', bundler: 'webpack', guard: 'middleware' },
]

/** The applications of `npm test`; with PACKAGE_MATRIX=long some more. */
export const matrix = process.env.PACKAGE_MATRIX === 'long' ? [...always, ...long] : always
