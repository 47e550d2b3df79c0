import { describe, expect, it } from 'vitest'
import { findComplaints } from './rules.ts'

/** The complaints about made-up files; empty files stand for those that they import. */
const complaintsAbout = (files: Readonly<Record<string, string>>) =>
  findComplaints(new Map(Object.entries(files)))
const importing = (from: string, specifier: string) => {
  const first = from.startsWith('lib/next/') ? "import 'server-only'\n" : ''
  return complaintsAbout({ [from]: `${first}import { x } from '${specifier}'\n` })
}

describe('the direction between rooms', () => {
  const allowed = [
    ['lib/crypto/a.ts', '../errors.ts'],
    ['lib/identity/a.ts', '../net/guarded-fetch.ts'],
    ['lib/oauth/a.ts', '../store/contract.ts'],
    ['lib/oauth/a.ts', './b.ts'],
    ['lib/store/sqlite.ts', './contract.ts'],
    ['lib/store/redis.ts', './scripted-store.ts'],
    ['lib/next/a.ts', '../oauth/client.ts'],
    ['lib/cli/a.ts', '../store/sqlite.ts'],
    ['lib/cli/a.ts', '../oauth/client.ts'],
    ['lib/cli/a.ts', '../next/config-checks.ts'],
    ['lib/cli/a.ts', '../store/sqlite.ts'],
    ['lib/react/a.tsx', '../errors.ts'],
    ['lib/react/a.tsx', '../next/sign-in-error.ts'],
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
    ['lib/net/a.ts', '../identity/did.ts'],
    ['lib/identity/a.ts', '../oauth/client.ts'],
    ['lib/identity/a.ts', '../store/contract.ts'],
    ['lib/store/contract.ts', '../oauth/records.ts'],
    ['lib/store/sqlite.ts', './memory.ts'],
    ['lib/store/vercel-kv.ts', './redis-connection.ts'],
    ['lib/store/memory.ts', '../oauth/records.ts'],
    ['lib/oauth/a.ts', '../next/config.ts'],
    ['lib/oauth/a.ts', '../store/sqlite.ts'],
    ['lib/next/a.ts', '../store/memory.ts'],
    ['lib/next/default-store.ts', '../store/sqlite.ts'],
    ['lib/next/a.ts', '../cli/keys.ts'],
    ['lib/cli/a.ts', '../next/config.ts'],
    ['lib/react/a.tsx', '../next/config.ts'],
    ['lib/react/a.tsx', '../oauth/session.ts'],
    ['lib/react/a.tsx', '../identity/syntax.ts'],
    ['lib/next/a.ts', '../react/a.tsx'],
    ['lib/oauth/a.ts', '../attic/x.ts'],
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
    const found = forms.map((source) => complaintsAbout({ 'lib/net/a.ts': source }).length)
    expect(found).toEqual(forms.map(() => 1))
  })

  it('lets open-store load a driver lazily, and nobody else', () => {
    const source = "const { x } = await import('./sqlite.ts')"
    expect(complaintsAbout({ 'lib/store/open-store.ts': source })).toEqual([])
    expect(complaintsAbout({ 'lib/store/open-store.ts': "import { x } from './sqlite.ts'" })).toHaveLength(1)
    expect(complaintsAbout({ 'lib/store/redis.ts': source })).toHaveLength(1)
  })

  it('does not mind what comments say', () => {
    const source =
      "/**\n * import { x } from '../oauth/client.ts'\n * process.env 'use server'\n */\n// 'use server'\n"
    expect(complaintsAbout({ 'lib/net/a.ts': source })).toEqual([])
  })

  it.each(['../lib/errors.ts', '../lib/next/index.ts'])('does not let the app import %s by path', (to) => {
    expect(importing('app/page.tsx', to)).toEqual([expect.stringContaining('public entries')])
  })

  it('does not let the files beside the app reach in either', () => {
    expect(importing('middleware.ts', './lib/next/middleware.ts')).toHaveLength(1)
  })
})

describe('cycles', () => {
  it('are found among values', () => {
    expect(
      complaintsAbout({
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
    expect(complaintsAbout(files)).toEqual([expect.stringMatching(/^cycle/)])
  })

  it('are not seen where two paths only meet', () => {
    const files = {
      'lib/net/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'",
      'lib/net/b.ts': "import { c } from './c.ts'",
      'lib/net/c.ts': '',
    }
    expect(complaintsAbout(files)).toEqual([])
  })
})

describe('the closure of the middleware', () => {
  const throughCookie = (source: string, more: Readonly<Record<string, string>> = {}) =>
    complaintsAbout({
      'lib/next/middleware.ts': "import { open } from './cookie.ts'",
      'lib/next/cookie.ts': source,
      ...more,
    }).filter((complaint) => complaint.startsWith('the middleware'))

  it('holds no module of Node, however far away', () => {
    const far = { 'lib/crypto/seal.ts': "import { readFile } from 'node:fs'" }
    expect(throughCookie("import { seal } from '../crypto/seal.ts'", far)).toEqual([
      'the middleware’s closure holds node:fs',
    ])
  })

  const forbidden = [
    '../store/contract.ts',
    '../store/memory.ts',
    './config.ts',
    './process-state.ts',
    './default-store.ts',
    'server-only',
  ]
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
    complaintsAbout({
      'lib/cli/main.ts': "import { checkReach } from '../next/config-checks.ts'",
      'lib/next/config-checks.ts': source,
    }).filter((complaint) => complaint.startsWith('the command line'))

  it.each(['server-only', 'next/headers.js', 'react'])('does not hold %s, however far away', (name) => {
    expect(through(`import '${name}'`)).toEqual([`the command line’s closure holds ${name}`])
  })

  it('does not count types, which are gone when it runs', () => {
    expect(through("import type { NextRequest } from 'next/server.js'")).toEqual([])
  })
})

describe('the components', () => {
  it('may know the types of what they are given, not its code', () => {
    const source = "import type { SessionStatus } from '../next/get-session.ts'"
    expect(complaintsAbout({ 'lib/react/a.tsx': source })).toEqual([])
    expect(complaintsAbout({ 'lib/react/a.tsx': source.replace('type ', '') })).toHaveLength(1)
  })

  it.each(['react', 'react-dom', 'next/link', 'next/form', 'next/navigation'])('may import %s', (name) => {
    expect(importing('lib/react/a.tsx', name)).toEqual([])
  })

  it.each(['next/headers', 'server-only', 'react-dom/server', 'next/image'])('may not import %s', (name) => {
    expect(importing('lib/react/a.tsx', name)).toHaveLength(1)
  })

  it.each(['../identity/syntax.ts', 'node:fs', 'zod', 'server-only'])(
    'bring no %s to browsers, however far away',
    (name) => {
      const complaints = complaintsAbout({
        'lib/react/index.ts': "import { signInErrorMessage } from '../next/sign-in-error.ts'",
        'lib/next/sign-in-error.ts': `import '${name}'`,
      })
      expect(complaints.filter((complaint) => complaint.startsWith('the components'))).toHaveLength(1)
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
    expect(complaintsAbout({ 'lib/oauth/a.ts': source })).toEqual(['lib/oauth/a.ts reads the environment'])
    expect(complaintsAbout({ 'lib/cli/a.ts': source })).toEqual([])
  })

  it.each(["'use server'\n", '"use server"\n', "export async function f() {\n  'use server'\n}"])(
    'finds a server action in the library: %j',
    (source) => {
      expect(complaintsAbout({ 'lib/oauth/a.ts': source })).toEqual(["lib/oauth/a.ts has a 'use server'"])
      expect(complaintsAbout({ 'app/actions.ts': source })).toEqual([])
    },
  )

  it('finds a file of lib/next that lacks server-only', () => {
    expect(complaintsAbout({ 'lib/next/secrets.ts': 'export const x = 1' })).toHaveLength(1)
  })

  it('finds server-only that is not the first import', () => {
    const source = "import { x } from '../errors.ts'\nimport 'server-only'\n"
    expect(complaintsAbout({ 'lib/next/secrets.ts': source })).toHaveLength(1)
  })

  it('asks no server-only of pure files', () => {
    expect(complaintsAbout({ 'lib/next/return-to.ts': 'export const x = 1' })).toEqual([])
  })

  it.each(['next', 'next/headers.js', 'react', 'react-dom/server', 'server-only'])(
    'lets only lib/next import %s',
    (name) => {
      expect(complaintsAbout({ 'lib/oauth/a.ts': `import { x } from '${name}'` })).toHaveLength(1)
      expect(importing('lib/next/a.ts', name)).toEqual([])
    },
  )

  it('finds a file of more than three hundred lines', () => {
    expect(complaintsAbout({ 'lib/net/a.ts': '// line\n'.repeat(300) })).toEqual([])
    expect(complaintsAbout({ 'app/page.tsx': '// line\n'.repeat(301) })).toEqual([
      'app/page.tsx has 301 lines, more than 300',
    ])
  })
})
