/** docs/api.md: what the public entries export, from the docstrings of the sources. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fields } from './configuration.ts'
import { renderDocstring } from './docstring.ts'
import { type Declaration, type Member, readEntry } from './public-api.ts'
import { root } from './source.ts'

interface Entry {
  readonly name: string
  readonly path: string
  /** What comes first; the rest follows in the order of the exports. */
  readonly first?: readonly string[]
  readonly text: string
}

const entries: readonly Entry[] = [
  {
    name: 'next-atproto-auth',
    path: 'lib/next/index.ts',
    text: 'Sign-in for Next.js, on the server.',
    first: ['createAtprotoAuth', 'AtprotoAuth', 'AccountFunctions', 'Handlers', 'OAuthSession'],
  },
  {
    name: 'next-atproto-auth/middleware',
    path: 'lib/next/middleware.ts',
    text: 'Redirects visitors to the sign-in page, on the edge and on Node.js. `authProxy` is another name for `authMiddleware`.',
  },
  {
    name: 'next-atproto-auth/oauth',
    path: 'lib/oauth/index.ts',
    text: 'The client without Next.js, also for cron jobs and scripts: see [oauth-client.md](oauth-client.md).',
    first: ['OAuthClient', 'OAuthClientOptions', 'CommonOptions', 'StoreOptions', 'GivenStoreOptions'],
  },
  {
    name: 'next-atproto-auth/testing',
    path: 'lib/testing/index.ts',
    text: 'For the tests of an application: see [testing.md](testing.md).',
    first: [
      ...[
        'createTestNetwork',
        'TestNetworkOptions',
        'StartedTestNetwork',
        'connectTestNetwork',
        'TestNetwork',
      ],
      ...['TestNetworkMethods', 'TestFaults', 'signedInCookie', 'SignedInCookieOptions', 'TestedApplication'],
    ],
  },
  { name: 'next-atproto-auth/stores/memory', path: 'lib/store/memory.ts', text: 'For tests.' },
  { name: 'next-atproto-auth/stores/sqlite', path: 'lib/store/sqlite.ts', text: 'The default.' },
  { name: 'next-atproto-auth/stores/redis', path: 'lib/store/redis.ts', text: 'Redis and Valkey.' },
  {
    name: 'next-atproto-auth/stores/postgres',
    path: 'lib/store/postgres/index.ts',
    text: 'PostgreSQL, through the pool of your application: see [operations.md](operations.md#postgresql).',
  },
  {
    name: 'next-atproto-auth/stores/vercel-kv',
    path: 'lib/store/vercel-kv.ts',
    text: 'Upstash and Vercel KV.',
  },
]

const intro = `# API

The exports of each public entry. \`npm run docs\` generates this page from the docstrings of the sources, and a test
([tests/unit/docs/reference.test.ts](../tests/unit/docs/reference.test.ts)) fails if it is out of date. For the options of
\`createAtprotoAuth\` and \`authMiddleware\`, see [configuration.md](configuration.md); for \`next-atproto-auth/react\`, see
[components.md](components.md), and for \`next-atproto-auth/eslint\`, [next-js.md](next-js.md#the-lint-rule).`

/** The page. */
export function writeApi(): string {
  const known = new Map<string, string>()
  const sections = entries.map((entry) => section(entry, known))
  const contents = entries.map(({ name }) => `- [${name}](#${name.replaceAll('/', '')})`).join('\n')
  return `${[intro, contents, ...sections].join('\n\n')}\n`
}

/** @param known what earlier entries export too, with the entry's name; added to */
function section({ name, path, text, first = [] }: Entry, known: Map<string, string>): string {
  const place = (declaration: Declaration) => first.indexOf(declaration.name) + 1 || first.length + 1
  const exported = readEntry(path).toSorted((a, b) => place(a) - place(b))
  const repeated = exported.filter((declaration) => known.has(keyOf(declaration)))
  const own = exported.filter((declaration) => !known.has(keyOf(declaration)))
  for (const declaration of own) known.set(keyOf(declaration), name)
  const links = repeated.map(
    ({ name: repeatedName }) => `[\`${repeatedName}\`](#${repeatedName.toLowerCase()})`,
  )
  return [
    `## ${name}`,
    text,
    ...(links.length > 0 ? [`Described above, and exported here too: ${links.join(', ')}.`] : []),
    ...own.flatMap(describe),
  ].join('\n\n')
}

function keyOf({ file, name }: Declaration): string {
  return `${file}#${name}`
}

/** Options are a page of their own, and the codes a table. */
const elsewhere: Readonly<Record<string, string>> = {
  AtprotoAuthOptions: 'The options: [configuration.md](configuration.md#createatprotoauth).',
  AuthMiddlewareOptions: 'The options: [configuration.md](configuration.md#authmiddleware).',
  LoginLimits: 'See [configuration.md](configuration.md#limits-of-the-sign-in).',
  LocalNetwork: 'See [configuration.md](configuration.md#localnetwork).',
}

function describe(declaration: Declaration): readonly string[] {
  const { name, kind, signature, doc } = declaration
  const link = elsewhere[name]
  if (link) return [`### ${name}`, link]
  if (name === 'ErrorCode') return [`### ${name}`, ...renderDocstring(doc), codes(declaration.signature)]
  if (name === 'SignInErrorCode') return [`### ${name}`, ...renderDocstring(doc), sentences(declaration.file)]
  const text = renderDocstring(doc)
  const head = kind === 'const' ? [] : [code(signature)]
  if (kind !== 'interface' && kind !== 'class') return [`### ${name}`, ...head, ...text]
  return [
    `### ${name}`,
    ...(kind === 'class' ? head : parents(declaration)),
    ...text,
    ...members(declaration),
  ]
}

function parents(declaration: Declaration): readonly string[] {
  return declaration.parents.length > 0
    ? [`Extends ${declaration.parents.map((name) => `\`${name}\``).join(', ')}.`]
    : []
}

function members(declaration: Declaration): readonly string[] {
  const properties = declaration.members.filter(({ isMethod }) => !isMethod)
  const methods = declaration.members.filter((member) => member.isMethod && !isInternal(declaration, member))
  return [...(properties.length > 0 ? [fields({ members: properties })] : []), ...methods.flatMap(method)]
}

/** Errors, and whatever a function of the library returns, are not made by applications. */
function isInternal({ kind, name }: Declaration, member: Member): boolean {
  return kind === 'class' && member.name === 'constructor' && name !== 'OAuthClient'
}

function method({ name, signature, doc }: Member): readonly string[] {
  return [`#### ${name}()`, code(signature), ...renderDocstring(doc)]
}

function code(text: string): string {
  return `\`\`\`typescript\n${text}\n\`\`\``
}

/** A code a line, with the comment behind it. */
function codes(union: string): string {
  const rows = [...union.matchAll(/\| '(\w+)' \/\/ (.+)/g)].map(
    ([, name, text]) => `| \`${name}\` | ${text} |`,
  )
  return ['| code | means |', '|---|---|', ...rows].join('\n')
}

/** The codes of the sign-in page with their English sentences. */
function sentences(file: string): string {
  const [usual = '', connecting = ''] = readFileSync(join(root, file), 'utf8').split('\n} as const\n')
  const rowsOf = (text: string) =>
    [...text.matchAll(/^ {2}(\w+):\s+'(.+\.)',$/gm)].map(([, name, words]) => [name, words] as const)
  const others = new Map(rowsOf(connecting))
  return [
    '| code | sentence | of `connectErrorMessage`, if it is another |',
    '|---|---|---|',
    ...rowsOf(usual).map(([name, words]) => `| \`${name}\` | ${words} | ${others.get(name) ?? ''} |`),
  ].join('\n')
}
