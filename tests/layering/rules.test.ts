import { describe, expect, it } from 'vitest'
import { findProblems } from './rules.ts'

/** The problems of made-up files; empty files stand for those that they import. */
const problemsOf = (files: Readonly<Record<string, string>>) => findProblems(new Map(Object.entries(files)))
const importing = (from: string, specifier: string) => {
  const first = from.startsWith('lib/next/') ? "import 'server-only'\n" : ''
  return problemsOf({ [from]: `${first}import { x } from '${specifier}'\n` })
}

describe('the direction between rooms', () => {
  const allowed = [
    ['lib/crypto/a.ts', '../errors.ts'],
    ['lib/identity/a.ts', '../net/guarded-fetch.ts'],
    ['lib/oauth/session/a.ts', '../../store/contract.ts'],
    ['lib/oauth/session/a.ts', './b.ts'],
    ['lib/store/sqlite.ts', './contract.ts'],
    ['lib/store/redis.ts', './lua-store.ts'],
    ['lib/next/server/a.ts', '../../oauth/client.ts'],
    ['lib/next/server/a.ts', '../../config/paths.ts'],
    ['lib/web/a.ts', '../config/paths.ts'],
    ['lib/config/a.ts', '../oauth/client-options.ts'],
    ['lib/cli/session/a.ts', '../../store/sqlite.ts'],
    ['lib/cli/session/a.ts', '../../oauth/client.ts'],
    ['lib/cli/session/a.ts', '../../config/secrets.ts'],
    ['lib/cli/session/a.ts', '../../store/sqlite.ts'],
    ['lib/testing/session/a.ts', '../../web/session-cookie.ts'],
    ['lib/testing/session/a.ts', '../../store/sqlite.ts'],
    ['lib/react/parts/a.tsx', '../../errors.ts'],
    ['lib/react/parts/a.tsx', '../../web/sign-in-error.ts'],
    ['app/page.tsx', 'next-atproto-auth'],
    ['auth.ts', 'next-atproto-auth/stores/memory'],
  ] as const
  it.each(allowed)('lets %s import %s', (from, to) => {
    expect(importing(from, to)).toEqual([])
  })

  const wrong = [
    ['lib/errors.ts', './crypto/seal.ts'],
    ['lib/crypto/a.ts', '../net/dns.ts'],
    ['lib/net/a.ts', '../crypto/seal.ts'],
    ['lib/net/a.ts', '../identity/resolve-did.ts'],
    ['lib/identity/a.ts', '../oauth/client.ts'],
    ['lib/identity/a.ts', '../store/contract.ts'],
    ['lib/store/contract.ts', '../oauth/records.ts'],
    ['lib/store/sqlite.ts', './memory.ts'],
    ['lib/store/vercel-kv.ts', './redis-connection.ts'],
    ['lib/store/memory.ts', '../oauth/records.ts'],
    ['lib/oauth/session/a.ts', '../../next/config.ts'],
    ['lib/oauth/session/a.ts', '../../store/sqlite.ts'],
    ['lib/next/server/a.ts', '../../store/memory.ts'],
    ['lib/next/process/default-store.ts', '../../store/sqlite.ts'],
    ['lib/next/server/a.ts', '../../cli/keys.ts'],
    ['lib/cli/session/a.ts', '../../next/config.ts'],
    ['lib/testing/session/a.ts', '../../next/auth.ts'],
    ['lib/testing/servers/a.ts', '../network/b.ts'],
    ['lib/oauth/session/a.ts', '../../testing/session/signed-in-cookie.ts'],
    ['lib/web/a.ts', '../testing/session/signed-in-cookie.ts'],
    ['lib/next/server/a.ts', '../../testing/session/signed-in-cookie.ts'],
    ['lib/cli/session/a.ts', '../../testing/session/signed-in-cookie.ts'],
    ['lib/react/parts/a.tsx', '../../testing/session/signed-in-cookie.ts'],
    ['lib/react/parts/a.tsx', '../../next/config.ts'],
    ['lib/react/parts/a.tsx', '../../oauth/session.ts'],
    ['lib/react/parts/a.tsx', '../../identity/syntax.ts'],
    ['lib/config/a.ts', '../web/return-to.ts'],
    ['lib/config/a.ts', '../next/auth.ts'],
    ['lib/web/a.ts', '../next/auth.ts'],
    ['lib/web/a.ts', '../store/contract.ts'],
    ['lib/oauth/session/a.ts', '../../config/paths.ts'],
    ['lib/next/server/a.ts', '../../react/a.tsx'],
    ['lib/oauth/session/a.ts', '../../attic/x.ts'],
    ['lib/eslint/a.ts', '../errors.ts'],
    ['lib/next/server/a.ts', '../../eslint/index.ts'],
    ['lib/testing/session/a.ts', '../../eslint/index.ts'],
    ['lib/attic/x.ts', '../errors.ts'],
  ] as const
  it.each(wrong)('does not let %s import %s', (from, to) => {
    expect(importing(from, to)).toHaveLength(1)
  })

  it('counts types, re-exports and dynamic imports too', () => {
    const forms = [
      "import type { X } from '../oauth/client.ts'",
      "import {\n  type X,\n  type Y,\n} from '../oauth/client.ts'",
      "export * from '../oauth/client.ts'",
      "export type { X } from '../oauth/client.ts'",
      "import '../oauth/client.ts'",
      "const x = await import('../oauth/client.ts')",
      "type X = import('../oauth/client.ts').X",
    ]
    const found = forms.map((source) => problemsOf({ 'lib/net/a.ts': source }).length)
    expect(found).toEqual(forms.map(() => 1))
  })

  it('lets open-store load a driver lazily, and nobody else', () => {
    const source = "const { x } = await import('./sqlite.ts')"
    expect(problemsOf({ 'lib/store/open-store.ts': source })).toEqual([])
    expect(problemsOf({ 'lib/store/open-store.ts': "import { x } from './sqlite.ts'" })).toHaveLength(1)
    expect(problemsOf({ 'lib/store/redis.ts': source })).toHaveLength(1)
  })

  it('does not mind what comments say', () => {
    const source =
      "/**\n * import { x } from '../oauth/client.ts'\n * process.env 'use server'\n */\n// 'use server'\n"
    expect(problemsOf({ 'lib/net/a.ts': source })).toEqual([])
  })

  it.each(['../lib/errors.ts', '../lib/next/index.ts'])('does not let the app import %s by path', (to) => {
    expect(importing('app/page.tsx', to)).toEqual([expect.stringContaining('public entries')])
  })

  it('does not let the files beside the app reach in either', () => {
    expect(importing('middleware.ts', './lib/next/middleware.ts')).toHaveLength(1)
  })
})

describe('the direction inside a room', () => {
  const allowed = [
    ['lib/oauth/tokens/a.ts', '../records/records-contract.ts'],
    ['lib/oauth/tokens/a.ts', './b.ts'],
    ['lib/oauth/client.ts', './session/session.ts'],
    ['lib/next/handlers/a.ts', '../sign-in/b.ts'],
    ['lib/cli/calls/a.ts', '../session/b.ts'],
    ['lib/react/sign-in/a.tsx', '../parts/b.tsx'],
  ] as const
  it.each(allowed)('lets %s import %s', (from, to) => {
    expect(importing(from, to)).toEqual([])
  })

  const wrong = [
    ['lib/oauth/records/a.ts', '../tokens/refresh.ts'],
    ['lib/oauth/tokens/a.ts', '../context.ts'],
    ['lib/oauth/scope/a.ts', '../client-metadata/build.ts'],
    ['lib/next/sign-in/a.ts', '../handlers/login.ts'],
    ['lib/cli/terminal/a.ts', '../workspace/workspace.ts'],
    ['lib/react/parts/a.tsx', '../sign-in/b.tsx'],
    ['lib/oauth/attic/a.ts', '../../errors.ts'],
  ] as const
  it.each(wrong)('does not let %s import %s', (from, to) => {
    expect(importing(from, to)).toHaveLength(1)
  })
})

describe('cycles', () => {
  it('are found among values', () => {
    expect(
      problemsOf({
        'lib/net/a.ts': "import { b } from './b.ts'",
        'lib/net/b.ts': "import { c } from './c.ts'",
        'lib/net/c.ts': "import { a } from './a.ts'",
      }),
    ).toEqual(['cycle: lib/net/a.ts → lib/net/b.ts → lib/net/c.ts → lib/net/a.ts'])
  })

  it('are found among types', () => {
    const files = {
      'lib/net/a.ts': "import type { B } from './b.ts'",
      'lib/net/b.ts': "import type { A } from './a.ts'",
    }
    expect(problemsOf(files)).toEqual([expect.stringMatching(/^cycle/)])
  })

  it('are not seen where two paths only meet', () => {
    const files = {
      'lib/net/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'",
      'lib/net/b.ts': "import { c } from './c.ts'",
      'lib/net/c.ts': '',
    }
    expect(problemsOf(files)).toEqual([])
  })
})

describe('the closure of the middleware', () => {
  const throughCookie = (source: string, more: Readonly<Record<string, string>> = {}) =>
    problemsOf({
      'lib/next/middleware.ts': "import { open } from '../web/session-cookie.ts'",
      'lib/web/session-cookie.ts': source,
      ...more,
    }).filter((problem) => problem.startsWith('the middleware'))

  it('holds no module of Node, however far away', () => {
    const far = { 'lib/crypto/seal.ts': "import { readFile } from 'node:fs'" }
    expect(throughCookie("import { seal } from '../crypto/seal.ts'", far)).toEqual([
      'the middleware’s closure holds node:fs',
    ])
  })

  const forbidden = ['../store/contract.ts', '../store/memory.ts', 'node:fs', 'server-only']
  it.each(forbidden)('does not hold %s', (to) => {
    expect(throughCookie(`import { x } from '${to}'`)).toHaveLength(1)
  })

  it('holds nobody else who reads the environment', () => {
    expect(throughCookie('const secret = process.env.ATPROTO_SECRET')).toHaveLength(1)
  })

  it('does not count types, which are gone when it runs', () => {
    expect(throughCookie("import type { Store } from '../store/contract.ts'")).toEqual([])
  })
})

describe('the closure of the command line', () => {
  const through = (source: string) =>
    problemsOf({
      'lib/cli/main.ts': "import { checkReach } from '../config/public-url.ts'",
      'lib/config/public-url.ts': source,
    }).filter((problem) => problem.startsWith('the command line'))

  it.each(['server-only', 'next/headers.js', 'react'])('does not hold %s, however far away', (name) => {
    expect(through(`import '${name}'`)).toEqual([`the command line’s closure holds ${name}`])
  })

  it('does not count types, which are gone when it runs', () => {
    expect(through("import type { NextRequest } from 'next/server.js'")).toEqual([])
  })
})

describe('the components', () => {
  it('may know the types of what they are given, not its code', () => {
    const source = "import type { SessionStatus } from '../../next/server/get-session.ts'"
    expect(problemsOf({ 'lib/react/parts/a.tsx': source })).toEqual([])
    expect(problemsOf({ 'lib/react/parts/a.tsx': source.replace('type ', '') })).toHaveLength(1)
  })

  it.each(['react', 'react-dom', 'next/link', 'next/form', 'next/navigation.js'])('may import %s', (name) => {
    expect(importing('lib/react/parts/a.tsx', name)).toEqual([])
  })

  it.each(['next/headers', 'server-only', 'react-dom/server', 'next/image'])('may not import %s', (name) => {
    expect(importing('lib/react/parts/a.tsx', name)).toHaveLength(1)
  })

  it.each(['../identity/syntax.ts', 'node:fs', 'zod', 'server-only'])(
    'bring no %s to browsers, however far away',
    (name) => {
      const problems = problemsOf({
        'lib/react/index.ts': "import { signInErrorMessage } from '../web/sign-in-error.ts'",
        'lib/web/sign-in-error.ts': `import '${name}'`,
      })
      expect(problems.filter((problem) => problem.startsWith('the components'))).toHaveLength(1)
    },
  )
})

describe('what a file may do', () => {
  const readers = [
    'const x = process.env.X',
    "const x = process['env'].X",
    'const { env } = process',
    'const x = import.meta.env.X',
    "import { env } from 'node:process'",
    'if (process?.env) {}',
  ]
  it.each(readers)('finds who reads the environment: %s', (source) => {
    expect(problemsOf({ 'lib/oauth/session/a.ts': source })).toEqual([
      'lib/oauth/session/a.ts reads the environment',
    ])
    expect(problemsOf({ 'lib/cli/session/a.ts': source })).toEqual([])
  })

  it.each(["'use server'\n", '"use server"\n', "export async function f() {\n  'use server'\n}"])(
    'finds a server action in the library: %j',
    (source) => {
      expect(problemsOf({ 'lib/oauth/session/a.ts': source })).toEqual([
        "lib/oauth/session/a.ts has a 'use server'",
      ])
      expect(problemsOf({ 'app/actions.ts': source })).toEqual([])
    },
  )

  it('finds a file of lib/next that lacks server-only', () => {
    expect(problemsOf({ 'lib/next/server/secrets.ts': 'export const x = 1' })).toHaveLength(1)
  })

  it('finds server-only that is not the first import', () => {
    const source = "import { x } from '../../errors.ts'\nimport 'server-only'\n"
    expect(problemsOf({ 'lib/next/server/secrets.ts': source })).toHaveLength(1)
  })

  it('asks no server-only of pure files', () => {
    expect(problemsOf({ 'lib/web/return-to.ts': 'export const x = 1' })).toEqual([])
  })

  it.each(['next', 'next/headers.js', 'react', 'react-dom/server', 'server-only'])(
    'lets only lib/next import %s',
    (name) => {
      expect(problemsOf({ 'lib/oauth/session/a.ts': `import { x } from '${name}'` })).toHaveLength(1)
      expect(importing('lib/next/server/a.ts', name)).toEqual([])
    },
  )

  it('finds a file of more than three hundred lines', () => {
    expect(problemsOf({ 'lib/net/a.ts': '// line\n'.repeat(300) })).toEqual([])
    expect(problemsOf({ 'app/page.tsx': '// line\n'.repeat(301) })).toEqual([
      'app/page.tsx has 301 lines, more than 300',
    ])
  })
})
