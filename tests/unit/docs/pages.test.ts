/** Links lead somewhere, and what is quoted is what the library says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { compare, minVersion } from 'semver'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../../lib/error-reason.ts'
import { AtprotoAuthError } from '../../../lib/errors.ts'
import { lintScope } from '../../../lib/oauth/scope/lint.ts'
import { signInErrorMessage } from '../../../lib/web/sign-in-error.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { commandVariables, hostVariables, variables } from '../../../tools/docs/environment.ts'
import { fixedPartsOf, joinedSource, messagesOf } from '../../../tools/docs/messages.ts'
import { anchorsOf, linksOf, proseOf, readPages } from '../../../tools/docs/pages.ts'
import { declarationOf } from '../../../tools/docs/public-api.ts'
import { root } from '../../../tools/docs/source.ts'

const pages = readPages()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const troubleshooting = read('docs/troubleshooting.md')
/** The codes in the table of causes. */
const [, causes = ''] = troubleshooting.split('\n## Causes in the log\n')
const systemCodes = [...(causes.split('\n## ')[0] ?? '').matchAll(/`([A-Z][A-Z_]{4,})`/g)].map(
  ([, code = '']) => code,
)

function sourcesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path))
}

describe('links', () => {
  it('of the examples are among them', () => {
    expect(pages.map(({ path }) => path)).toContain('examples/minimal/README.md')
  })

  it('lead to files that are there', () => {
    const links = pages.flatMap(linksOf)
    const broken = links.filter(({ page, target }) => {
      const [path = ''] = target.split('#')
      return path !== '' && !existsSync(join(root, dirname(page), decodeURI(path)))
    })
    expect(links.length).toBeGreaterThan(140)
    expect(broken).toEqual([])
  })

  it('lead to headings that are there', () => {
    const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]))
    const broken = pages.flatMap(linksOf).filter(({ page, target }) => {
      const [path = '', anchor] = target.split('#')
      const known = anchors.get(path === '' ? page : normalize(join(dirname(page), path)))
      return anchor !== undefined && known !== undefined && !known.has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('are read from prose, with the anchors that GitHub makes of headings', () => {
    const text =
      '# A `b()`, c\n\n## A `b()`, c\n\n```sh\n# no heading [x](y.md)\n```\n\n[x](z.md#a) [w](https://x.y)\n'
    expect([...anchorsOf(text)]).toEqual(['a-b-c', 'a-b-c-1'])
    expect(linksOf({ path: 'docs/p.md', text })).toEqual([{ page: 'docs/p.md', target: 'z.md#a' }])
  })
})

describe('names', () => {
  it('of environment variables are those that something reads', () => {
    const known = new Set(
      [...variables, ...hostVariables].map(({ name }) => name).concat(...commandVariables),
    )
    const code = [...['lib', 'tests', 'app'].flatMap(sourcesUnder), 'app-view.ts', 'demo-network.ts'].map(
      read,
    )
    const isUsed = (name: string) => code.some((text) => new RegExp(`\\b${name}\\b`).test(text))
    const unknown = pages.flatMap(({ path, text }) =>
      [...new Set([...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]/g)].map(([, name = '']) => name))]
        .filter((name) => !known.has(name) && !othersVariables.has(name) && !systemCodes.includes(name))
        .filter((name) => !isUsed(name))
        .map((name) => `${name} in ${path}`),
    )
    expect(unknown).toEqual([])
  })

  it('of options are those that there are', () => {
    const interfaces = [
      declarationOf('lib/next/config/options.ts', 'AtprotoAuthOptions'),
      declarationOf('lib/next/events/hooks.ts', 'AuthHooks'),
      declarationOf('lib/next/limits/login-limits.ts', 'LoginLimitOptions'),
      declarationOf('lib/next/middleware.ts', 'AuthMiddlewareOptions'),
      declarationOf('lib/oauth/client-options.ts', 'CommonOptions'),
    ]
    const known = new Set(interfaces.flatMap(({ members }) => members.map(({ name }) => name)))
    const unknown = pages.flatMap(({ path, text }) =>
      [...proseOf(text).matchAll(/\b[Oo]ptions? `(\w+)`/g)]
        .filter(([, name = '']) => !known.has(name))
        .map(([, name]) => `${name} in ${path}`),
    )
    expect(unknown).toEqual([])
  })
})

it('scopes are such that no server would drop them', () => {
  const told = pages.filter(({ path }) => !['docs/conformance.md', 'docs/guards.md'].includes(path))
  const scopes = told.flatMap(({ text }) =>
    [...text.matchAll(/(?<![\w:./-])(?:repo|rpc|blob|account|identity|include):[^\s'"`|)]+/g)].map(
      ([scope]) => scope,
    ),
  )
  // Left open, to be filled in.
  const whole = scopes.filter((scope) => !/[…<$]/.test(scope))
  expect(whole.length).toBeGreaterThan(20)
  expect(whole.flatMap(lintScope)).toEqual([])
})

/** Of Next.js, and of the tutorial that applications come from. */
const othersVariables: ReadonlySet<string> = new Set([
  'NEXT_MANUAL_SIG_HANDLE',
  'NEXT_PHASE',
  'NEXT_TELEMETRY_DISABLED',
  'PRIVATE_KEY',
  'DATABASE_PATH',
])

describe('docs/troubleshooting.md', () => {
  /** Where a Next.js application's configuration is judged; a client that is made by hand has more to say. */
  const judges = [
    ...['public-url', 'server-origin', 'secrets', 'client-keys', 'scopes'].map((name) => `config/${name}`),
    ...[
      'config/validate-options',
      'limits/login-limits',
      'sign-in/sign-in-request',
      'sign-in/scope-upgrade',
    ].map((name) => `next/${name}`),
    ...[
      'choose-store',
      'sqlite-place',
      'redis',
      'redis-connection',
      'vercel-kv',
      'vercel-kv-client',
      'data-directory',
    ].map((name) => `store/${name}`),
    ...['scope/lint', 'client-metadata/build', 'server/client-auth', 'sign-in/authorize-options'].map(
      (name) => `oauth/${name}`,
    ),
    ...['crypto/keyset', 'crypto/read-private-keys', 'identity/resolve-did'],
    ...['net/private-hosts', 'net/http-proxy'],
  ].map((name) => `lib/${name}.ts`)
  const messages = judges.flatMap((path) => messagesOf(path, 'ConfigurationError'))

  it('has every complaint about a configuration', () => {
    const [, section = ''] = troubleshooting.split('\n## The configuration\n')
    const firstSentence = (part: string) => part.split(/(?<=\.) (?=["A-Z])/)[0] ?? ''
    const missing = messages.filter((message) =>
      fixedPartsOf(message)
        .slice(0, 1)
        .some((part) => !section.includes(firstSentence(part))),
    )
    expect(messages.length).toBeGreaterThan(35)
    // Cannot be: what is missing was complained of before.
    expect(missing).toEqual(['The configuration is incomplete.'])
  })

  it('quotes what the library says, word by word', () => {
    const said = sourcesUnder('lib').map(joinedSource).join('\n')
    const [, ...sections] = troubleshooting.split(/^## /m)
    const tables = sections.filter((section) => /^\| text \|/m.test(section)).join('\n')
    const quoted = [...tables.matchAll(/^\| `([^`]+)` \|/gm)].map(([, text = '']) => text)
    const wrong = quoted.filter((text) =>
      fixedPartsOf(text).some((part) => !said.includes(part.replace(/\.$/, ''))),
    )
    expect(quoted.length).toBeGreaterThan(40)
    expect(wrong).toEqual([])
  })

  it('has causes that the log names in this form', () => {
    const lines = systemCodes.map((code) =>
      describeError(
        new AtprotoAuthError('network_error', 'x', { cause: Object.assign(new Error('y'), { code }) }),
      ),
    )
    expect(lines.length).toBeGreaterThan(10)
    expect(lines).toEqual(systemCodes.map((code) => `network_error: x (cause=${code})`))
  })

  it('explains descriptions that docs/operations.md or docs/servers.md shows', () => {
    const [, table = ''] = troubleshooting.split('\n| description |')
    const quoted = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, text = '']) => text,
    )
    const shown = read('docs/operations.md') + read('docs/servers.md')
    expect(quoted.length).toBeGreaterThan(2)
    expect(quoted.filter((text) => fixedPartsOf(text).some((part) => !shown.includes(part)))).toEqual([])
  })

  it('has every code of the sign-in page with what the visitor reads', () => {
    const source = read('lib/web/sign-in-error.ts').split('as const')[0] ?? ''
    const codes = [...source.matchAll(/^ {2}(\w+):/gm)].map(([, code = '']) => code)
    expect(codes).toContain('sign_in_refused')
    const rowOf = (code: string) => `| \`${code}\` | ${signInErrorMessage(code)} |`
    expect(codes.filter((code) => !troubleshooting.includes(rowOf(code)))).toEqual([])
  })
})

describe('docs/tested-against.md', () => {
  const [table = ''] = read('docs/tested-against.md').split('\n## What was not tried')
  const rows = [...table.matchAll(/^\| ([^|]+) \| (\d[^ |]*) \|/gm)].map(
    ([, what = '', version = '']) => [what, version] as const,
  )
  const packages: Readonly<Record<string, string>> = {
    'Node.js': 'node',
    'Next.js, newest': 'next',
    React: 'react',
    TypeScript: 'typescript',
  }
  const installed: Readonly<Record<string, string>> = manifest.devDependencies

  it.each(rows)('%s %s is a version that the tests install', (what, version) => {
    const isNamed = installed[packages[what] ?? what] === version
    // An older version beside the newest one has another name.
    const isAlias = Object.values(installed).includes(`npm:${what}@${version}`)
    expect(isNamed || isAlias || read('tests/support/package/matrix.ts').includes(`'${version}'`)).toBe(true)
  })

  it('has a row for each thing', () => {
    expect(rows.length).toBeGreaterThan(15)
  })

  it.each(['redis', '@upstash/redis', '@vercel/kv'] as const)(
    'has the oldest version of %s that npm installs beside the package',
    (name) => {
      const versions = rows.filter(([what]) => what === name).map(([, version]) => version)
      expect(versions.length).toBeGreaterThan(1)
      expect(minVersion(manifest.peerDependencies[name])?.version).toBe(versions.toSorted(compare)[0])
    },
  )
})

it('the package that readers make is named by its version', () => {
  const named = pages.flatMap(({ text }) => [...text.matchAll(/next-atproto-auth-([\d.]+)\.tgz/g)])
  expect(named.map(([, version]) => version)).toEqual(named.map(() => manifest.version))
  expect(named.length).toBeGreaterThan(2)
})

it('the index names every page', () => {
  const index = read('docs/README.md')
  const docs = pages.map(({ path }) => path).filter((path) => /^docs\/(?!README)[^/]+$/.test(path))
  expect(docs.filter((path) => !index.includes(`](${path.replace('docs/', '')})`))).toEqual([])
})
