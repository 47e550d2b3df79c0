/** The architecture as rules over sources: each gives its complaints, and all of them nothing when all is well. */
import { closureOf, type Edge, edgesOf, findCycle, type Sources } from './graph.ts'
import { firstImport, withoutComments } from './imports.ts'

/** The rooms of lib/ and what each may import besides itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  crypto: ['errors'],
  net: ['errors'],
  'store/contract': ['errors'],
  identity: ['errors', 'crypto', 'net'],
  'store/data-directory': ['errors', 'crypto'],
  'store/store-choice': ['errors'],
  'store/open-store': ['errors', 'store/contract', 'store/data-directory', 'store/store-choice'],
  'store/memory': ['errors', 'store/contract'],
  'store/sqlite-file': ['errors'],
  'store/sqlite': ['errors', 'store/contract', 'store/sqlite-file'],
  'store/redis-scripts': [],
  'store/redis-failure': ['errors'],
  'store/scripted-store': ['errors', 'store/contract', 'store/redis-scripts'],
  'store/redis-connection': ['errors', 'store/redis-failure'],
  'store/redis': [
    ...['errors', 'store/contract', 'store/redis-failure', 'store/scripted-store', 'store/redis-connection'],
  ],
  'store/vercel-kv': ['errors', 'store/contract', 'store/redis-failure', 'store/scripted-store'],
  oauth: ['errors', 'crypto', 'net', 'identity', 'store/contract'],
  next: [
    ...['errors', 'crypto', 'net', 'identity', 'store/contract', 'oauth'],
    ...['store/data-directory', 'store/store-choice', 'store/open-store'],
  ],
  react: ['errors'],
  cli: [
    ...['errors', 'crypto', 'net', 'identity', 'store/contract', 'oauth'],
    ...['store/data-directory', 'store/store-choice', 'store/open-store', 'store/sqlite'],
  ],
}
/** The one file that loads a driver that nobody handed in, and only once it is needed. */
const DRIVER_LOADER = 'lib/store/open-store.ts'
/** What the command line shares with lib/next, so that both judge a configuration alike; pure, so it runs without Next. */
const sharedWithCommands: ReadonlySet<string> = new Set(['lib/next/config-checks.ts'])
const COMMAND_ENTRY = 'lib/cli/main.ts'
/** What the components share with lib/next: the sentences for people; pure, so it is fit for browsers. */
const sharedWithComponents = 'lib/next/sign-in-error.ts'
/** Of the framework, what the components may use: nothing of it runs on the server alone. */
const inComponents = /^(react|react-dom|next\/(link|form|navigation))$/
const COMPONENT_ENTRY = 'lib/react/index.ts'
const EDGE_ENTRY = 'lib/next/middleware.ts'
const environmentReaders =
  /^lib\/(next\/(base-path|config|data-directory|default-store|middleware)\.ts|cli\/.*)$/
/** Files of lib/next that are pure, or part of the middleware: server-only would throw there or protects nothing. */
const withoutServerOnly: ReadonlySet<string> = new Set(
  [
    ...[
      'base-path',
      'config-checks',
      'cookie',
      'cookie-memo',
      'middleware',
      'path-pattern',
      'read-form',
      'request-checks',
      'respond',
      'return-to',
    ],
    ...['sign-in-error', 'sign-in-page'],
  ].map((name) => `lib/next/${name}.ts`),
)
const MAX_LINES = 300

/** What is wrong with the layers; empty when nothing is. */
export function findComplaints(sources: Sources): readonly string[] {
  const edges = edgesOf(sources)
  const cycle = findCycle(edges)
  return [
    ...edges.flatMap(complaintAboutDirection),
    ...edges.flatMap(complaintAboutPackage),
    ...edges
      .filter(isAppByPath)
      .map(({ from, to }) => `${from} imports ${to} by path: use the public entries`),
    ...(cycle ? [`cycle: ${cycle.join(' → ')}`] : []),
    ...complaintsAboutEdge(sources, edges),
    ...complaintsAboutCommands(sources, edges),
    ...complaintsAboutComponents(sources, edges),
    ...[...sources].flatMap(([file, source]) => complaintsAboutSource(file, source)),
  ]
}

/** `lib/store/memory.ts` is the room `store/memory`, `lib/oauth/client.ts` is in `oauth`. */
function roomOf(file: string): string | undefined {
  const [, path = ''] = /^lib\/(.*)\.tsx?$/.exec(file) ?? []
  return Object.keys(rooms).find((room) => path === room || path.startsWith(`${room}/`))
}

function complaintAboutDirection({ from, to, isType, isDynamic }: Edge): readonly string[] {
  const [room, target] = [roomOf(from), roomOf(to)]
  if (room === undefined || !to.startsWith('lib/')) return []
  if (target === undefined) return [`${from} imports ${to}, which is in no room that the rules know`]
  if (room === target || rooms[room]?.includes(target)) return []
  const isLazyDriver = from === DRIVER_LOADER && target.startsWith('store/') && isDynamic && !isType
  const isShared =
    (room === 'cli' && sharedWithCommands.has(to)) || (room === 'react' && to === sharedWithComponents)
  const isTypeForComponents = room === 'react' && isType && ['next', 'oauth'].includes(target)
  return isLazyDriver || isShared || isTypeForComponents
    ? []
    : [`${from} may not import ${to}: ${room} does not stand on ${target}`]
}

function complaintAboutPackage({ from, specifier }: Edge): readonly string[] {
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

/** The middleware runs on the edge: no built-in of Node, no store, nobody who reads the configuration. */
function complaintsAboutEdge(sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(EDGE_ENTRY)) return []
  return [...closureOf(EDGE_ENTRY, edges)]
    .filter(
      (file) => isForbiddenOnEdge(file) || (file !== EDGE_ENTRY && readsEnvironment(sources.get(file) ?? '')),
    )
    .map((file) => `the middleware’s closure holds ${file}`)
}

/** The command line runs in plain Node.js, where server-only throws and Next may be missing. */
function complaintsAboutCommands(sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(COMMAND_ENTRY)) return []
  return [...closureOf(COMMAND_ENTRY, edges)]
    .filter((file) => /^(next|react|react-dom|server-only)(\/|$)/.test(file))
    .map((file) => `the command line’s closure holds ${file}`)
}

/** The components run in browsers too: nothing of ours comes along but what is said to people. */
function complaintsAboutComponents(sources: Sources, edges: readonly Edge[]): readonly string[] {
  if (!sources.has(COMPONENT_ENTRY)) return []
  return [...closureOf(COMPONENT_ENTRY, edges)]
    .filter(
      (file) =>
        !inComponents.test(file) &&
        !/^lib\/(errors\.ts$|react\/)/.test(file) &&
        file !== sharedWithComponents,
    )
    .map((file) => `the components’ closure holds ${file}`)
}

function isForbiddenOnEdge(target: string): boolean {
  return (
    target.startsWith('node:') ||
    target.startsWith('lib/store/') ||
    target === 'server-only' ||
    ['lib/next/config.ts', 'lib/next/process-state.ts', 'lib/next/default-store.ts'].includes(target)
  )
}

function complaintsAboutSource(file: string, source: string): readonly string[] {
  const complaints: string[] = []
  const lines = source.trimEnd().split('\n').length
  if (lines > MAX_LINES) complaints.push(`${file} has ${lines} lines, more than ${MAX_LINES}`)
  if (!file.startsWith('lib/')) return complaints
  if (roomOf(file) === undefined) complaints.push(`${file} is in no room that the rules know`)
  if (/^\s*['"]use server['"]/m.test(withoutComments(source))) complaints.push(`${file} has a 'use server'`)
  if (readsEnvironment(source) && !environmentReaders.test(file))
    complaints.push(`${file} reads the environment`)
  const needsServerOnly = file.startsWith('lib/next/') && !withoutServerOnly.has(file)
  if (needsServerOnly && firstImport(source) !== 'server-only')
    complaints.push(`${file} does not import 'server-only' first`)
  return complaints
}

function readsEnvironment(source: string): boolean {
  const code = withoutComments(source)
  return /\bprocess\??\.env\b|\bprocess\s*\[|\}\s*=\s*process\b|import\.meta\.env|['"](node:)?process['"]/.test(
    code,
  )
}
