/** The architecture as rules over sources: each names its problems, and all of them nothing when all is well. */
import { closureOf, type Edge, edgesOf, findCycle, type Sources } from './graph.ts'
import { firstImport, withoutComments } from './imports.ts'

/** The rooms of lib/ and what each may import besides itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  'bounded-map': [],
  'expiring-map': ['bounded-map'],
  'untrusted-text': [],
  'failed-address': [],
  'error-reason': ['errors', 'untrusted-text', 'failed-address'],
  crypto: ['errors', 'bounded-map', 'expiring-map'],
  net: ['errors', 'untrusted-text'],
  'store/contract': ['errors'],
  identity: ['errors', 'bounded-map', 'untrusted-text', 'crypto', 'net'],
  'store/data-directory': ['errors', 'crypto'],
  'store/choose-store': ['errors'],
  'store/sqlite-place': ['errors', 'store/data-directory', 'store/choose-store'],
  'store/open-store': ['errors', 'store/contract', 'store/data-directory', 'store/choose-store'],
  'store/memory': ['errors', 'store/contract'],
  'store/sqlite-file': ['errors'],
  'store/sqlite': ['errors', 'store/contract', 'store/sqlite-file'],
  'store/lua-scripts': [],
  'store/time-limit': [],
  'store/redis-errors': ['errors', 'failed-address', 'store/time-limit'],
  'store/lua-store': ['errors', 'store/contract', 'store/lua-scripts'],
  'store/redis-connection': ['errors', 'failed-address', 'store/time-limit', 'store/redis-errors'],
  'store/redis-eviction': ['store/redis-connection'],
  'store/redis': [
    ...['errors', 'store/contract', 'store/time-limit', 'store/redis-errors', 'store/lua-store'],
    ...['failed-address', 'store/redis-connection'],
  ],
  'store/vercel-kv-client': ['errors'],
  'store/vercel-kv': [
    'store/vercel-kv-client',
    'errors',
    'failed-address',
    'store/contract',
    'store/time-limit',
    'store/redis-errors',
    'store/lua-store',
  ],
  'store/postgres': ['errors', 'failed-address', 'store/contract', 'store/time-limit'],
  oauth: [
    ...['errors', 'bounded-map', 'expiring-map', 'untrusted-text', 'crypto', 'net', 'identity'],
    'store/contract',
  ],
  config: ['errors', 'crypto', 'net', 'oauth'],
  web: ['errors', 'bounded-map', 'untrusted-text', 'crypto', 'net', 'config'],
  next: [
    ...['errors', 'untrusted-text', 'error-reason', 'crypto', 'net', 'identity', 'store/contract', 'oauth'],
    ...[
      'config',
      'web',
      'store/data-directory',
      'store/choose-store',
      'store/sqlite-place',
      'store/open-store',
    ],
  ],
  react: ['errors', 'web'],
  edge: ['errors', 'store/contract', 'oauth', 'web', 'next'],
  cli: [
    ...['errors', 'untrusted-text', 'error-reason', 'crypto', 'net', 'identity', 'store/contract', 'oauth'],
    ...[
      'config',
      'store/data-directory',
      'store/choose-store',
      'store/sqlite-place',
      'store/open-store',
      'store/sqlite',
    ],
    'store/postgres',
  ],
  // An application's linter loads it alone.
  eslint: [],
  // No room builds on it: what it can do has no place in an application.
  testing: [
    ...['errors', 'crypto', 'net', 'identity', 'store/contract', 'store/data-directory', 'store/memory'],
    ...['store/sqlite', 'oauth', 'config', 'web'],
  ],
}
/** The folders and files of a room in the order in which they build on each other: each imports only those before it. */
const insideRooms: Readonly<Record<string, readonly string[]>> = {
  oauth: [
    ...['trace', 'scope', 'client-metadata', 'server', 'records', 'tokens', 'sign-in', 'resource', 'session'],
    ...['scripts', 'client-memory', 'client-options', 'context', 'create-context', 'client', 'index'],
  ],
  next: [
    ...['process', 'events', 'limits', 'config', 'accounts', 'sign-in', 'server', 'handlers'],
    ...['auth', 'index', 'middleware'],
  ],
  react: ['parts', 'session', 'suggestions', 'sign-in', 'account-menu', 'index'],
  testing: ['servers', 'network', 'session', 'index'],
  cli: [
    ...[
      'terminal',
      'project',
      'keys',
      'schema',
      'init',
      'doctor',
      'workspace',
      'session',
      'sign-in',
      'calls',
    ],
    ...['command-line', 'main'],
  ],
}
/** The one file that loads a driver that the application did not hand in, and only once it is needed. */
const DRIVER_LOADER = 'lib/store/open-store.ts'
const COMMAND_ENTRY = 'lib/cli/main.ts'
/** Of the framework, what the components may use: nothing of it runs on the server alone. */
const inComponents = /^(react|react-dom|next\/(link|form|navigation)(\.js)?)$/
const COMPONENT_ENTRY = 'lib/react/index.ts'
const EDGE_ENTRY = 'lib/next/middleware.ts'
/** What stands in for other entries there. */
const STAND_INS = ['lib/edge/index.ts', 'lib/edge/oauth.ts', 'lib/edge/sqlite.ts']
const environmentReaders =
  /^lib\/(config\/next-base-path\.ts|next\/(config|process)\/.*|next\/middleware\.ts|react\/parts\/profile-picture\.tsx|cli\/.*)$/
const MAX_LINES = 300

/** What is wrong with the layers; empty when nothing is. */
export function findProblems(sources: Sources): readonly string[] {
  const edges = edgesOf(sources)
  const cycle = findCycle(edges)
  const onEdge = closureOf(EDGE_ENTRY, edges)
  return [
    ...edges.flatMap(problemOfDirection),
    ...edges.flatMap(problemOfPackage),
    ...edges
      .filter(isAppByPath)
      .map(({ from, to }) => `${from} imports ${to} by path: use the public entries`),
    ...(cycle ? [`cycle: ${cycle.join(' → ')}`] : []),
    ...[EDGE_ENTRY, ...STAND_INS].flatMap((entry) => problemsOfEdge(entry, sources, edges)),
    ...problemsOfCommands(sources, edges),
    ...problemsOfComponents(sources, edges),
    ...[...sources].flatMap(([file, source]) => problemsOfSource(file, source, onEdge)),
  ]
}

/** `lib/store/memory.ts` is the room `store/memory`, `lib/oauth/client.ts` is in `oauth`. */
function roomOf(file: string): string | undefined {
  const [, path = ''] = /^lib\/(.*)\.tsx?$/.exec(file) ?? []
  return Object.keys(rooms).find((room) => path === room || path.startsWith(`${room}/`))
}

/** The folder or file right below the room: `tokens` for `lib/oauth/tokens/refresh.ts`. */
function placeIn(room: string, file: string): string {
  const [place = ''] = file.slice(`lib/${room}/`.length).split('/')
  return place.replace(/\.tsx?$/, '')
}

function problemOfDirection({ from, to, isType, isDynamic }: Edge): readonly string[] {
  const [room, target] = [roomOf(from), roomOf(to)]
  // Without an extension it is no import of ours, but part of a file that `init` writes.
  if (room === undefined || !to.startsWith('lib/') || !/\.\w+$/.test(to)) return []
  if (target === undefined) return [`${from} imports ${to}, which is in no room that the rules know`]
  if (room === target) return problemInside(room, from, to)
  if (rooms[room]?.includes(target)) return []
  const isLazyDriver = from === DRIVER_LOADER && target.startsWith('store/') && isDynamic && !isType
  const isTypeForComponents = room === 'react' && isType && ['next', 'oauth'].includes(target)
  return isLazyDriver || isTypeForComponents
    ? []
    : [`${from} may not import ${to}: ${room} does not build on ${target}`]
}

function problemInside(room: string, from: string, to: string): readonly string[] {
  const order = insideRooms[room]
  if (!order) return []
  const [place, target] = [placeIn(room, from), placeIn(room, to)]
  return order.indexOf(target) <= order.indexOf(place)
    ? []
    : [`${from} may not import ${to}: ${room}/${place} does not build on ${room}/${target}`]
}

function problemOfPackage({ from, specifier }: Edge): readonly string[] {
  const isFramework = /^(next|react|react-dom|server-only)(\/|$)/.test(specifier)
  if (!isFramework || !from.startsWith('lib/') || from.startsWith('lib/next/')) return []
  if (from.startsWith('lib/react/')) {
    return inComponents.test(specifier) ? [] : [`${from} imports ${specifier}, which is not for browsers`]
  }
  return [`${from} imports ${specifier}, which only lib/next may`]
}

function isAppByPath({ from, to }: Edge): boolean {
  return !from.startsWith('lib/') && to.startsWith('lib/')
}

/** What runs on the edge: no built-in of Node, no store, no other file that reads the environment. */
function problemsOfEdge(entry: string, sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(entry)) return []
  return [...closureOf(entry, edges)]
    .filter(
      (file) => isForbiddenOnEdge(file) || (file !== EDGE_ENTRY && readsEnvironment(sources.get(file) ?? '')),
    )
    .map((file) => `the ${entry === EDGE_ENTRY ? 'middleware' : 'edge'}’s closure holds ${file}`)
}

/** The command line runs in plain Node.js, where server-only throws and Next may be missing. */
function problemsOfCommands(sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(COMMAND_ENTRY)) return []
  return [...closureOf(COMMAND_ENTRY, edges)]
    .filter((file) => /^(next|react|react-dom|server-only)(\/|$)/.test(file))
    .map((file) => `the command line’s closure holds ${file}`)
}

/** The components run in browsers too: of the other rooms, only files that import nothing but errors come along. */
function problemsOfComponents(sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(COMPONENT_ENTRY)) return []
  return [...closureOf(COMPONENT_ENTRY, edges)]
    .filter((file) => !inComponents.test(file) && !/^lib\/(errors\.ts$|react\/|web\/)/.test(file))
    .map((file) => `the components’ closure holds ${file}`)
}

function isForbiddenOnEdge(target: string): boolean {
  return target.startsWith('node:') || target.startsWith('lib/store/') || target === 'server-only'
}

function problemsOfSource(file: string, source: string, onEdge: ReadonlySet<string>): readonly string[] {
  const problems: string[] = []
  const lines = source.trimEnd().split('\n').length
  if (lines > MAX_LINES) problems.push(`${file} has ${lines} lines, more than ${MAX_LINES}`)
  if (!file.startsWith('lib/')) return problems
  const room = roomOf(file)
  if (room === undefined) problems.push(`${file} is in no room that the rules know`)
  else if (insideRooms[room]?.includes(placeIn(room, file)) === false)
    problems.push(`${file} is in no folder of ${room} that the rules know`)
  if (/^\s*['"]use server['"]/m.test(withoutComments(source))) problems.push(`${file} has a 'use server'`)
  if (readsEnvironment(source) && !environmentReaders.test(file))
    problems.push(`${file} reads the environment`)
  // On the edge server-only throws, and there it protects nothing.
  const needsServerOnly = file.startsWith('lib/next/') && file !== EDGE_ENTRY && !onEdge.has(file)
  if (needsServerOnly && firstImport(source) !== 'server-only')
    problems.push(`${file} does not import 'server-only' first`)
  return problems
}

function readsEnvironment(source: string): boolean {
  const code = withoutComments(source)
  return /\bprocess\??\.env\b|\bprocess\s*\[|\}\s*=\s*process\b|import\.meta\.env|['"](node:)?process['"]/.test(
    code,
  )
}
