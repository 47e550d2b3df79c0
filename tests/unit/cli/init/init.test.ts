import { existsSync, lstatSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { generateKeys } from '../../../../lib/cli/keys.ts'
import { readmeFiles } from '../../../support/package/documented-files.ts'
import { createTerminal, newApp, type TestTerminal } from '../../../support/unit/terminal.ts'

const has = (terminal: TestTerminal, path: string) => existsSync(join(terminal.folder, path))
/** What the code does: without comments and empty lines. */
const codeOf = (text: string) =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//'))
/** A configuration of this library that someone has changed. */
const MINE = "export const auth = createAtprotoAuth({ clientName: 'Mine' })\n"
const manifest = (content: object) => ({ ...newApp, 'package.json': JSON.stringify(content) })

describe('init', () => {
  it('writes the three files of the README, and nothing else for routes', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('init', '--yes', '--name', 'My App')).toBe(0)
    const files = readmeFiles().filter(({ path }) => /^auth\.ts$|\/route\.ts$/.test(path))
    expect(files).toHaveLength(3)
    for (const { path, text } of files) expect(codeOf(terminal.read(path))).toEqual(codeOf(text))
    expect(has(terminal, 'proxy.ts') || has(terminal, 'middleware.ts')).toBe(false)
  })

  it('writes the pages of the README, which name the sign-in page in both calls', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('init', '--yes', '--pages')).toBe(0)
    const pages = readmeFiles().filter(({ path }) => path.endsWith('/page.tsx'))
    expect(pages).toHaveLength(2)
    for (const { path, text } of pages) expect(codeOf(terminal.read(path))).toEqual(codeOf(text))
    expect(terminal.read('auth.ts')).toContain("signInPage: '/sign-in' })")
    expect(terminal.read('proxy.ts')).toContain(
      "authProxy({ protect: ['/compose', '/account/:path*'], signInPage: '/sign-in' })",
    )
    expect(terminal.printed()).toContain('http://127.0.0.1:3000/compose')
  })

  it('writes pages without types into an application in JavaScript', async () => {
    const { 'tsconfig.json': _, ...files } = newApp
    const terminal = createTerminal({ files })
    await terminal.run('init', '--yes', '--pages')
    const text = ['app/compose/page.js', 'app/sign-in/page.js'].map((path) => terminal.read(path)).join('')
    expect(text).toContain('async function post(form) {')
    expect(text).not.toMatch(/interface|FormData|: Props/)
  })

  it('makes a secret and keys that only their owner can read, and shows them to nobody', async () => {
    const terminal = createTerminal({ files: newApp })
    await terminal.run('init', '--yes')
    const { ATPROTO_SECRET = '', ATPROTO_CLIENT_KEYS = '' } = parseEnv(terminal.read('.env.local'))
    expect(ATPROTO_SECRET).toHaveLength(43)
    expect(JSON.parse(ATPROTO_CLIENT_KEYS).keys).toHaveLength(1)
    expect(statSync(join(terminal.folder, '.env.local')).mode & 0o777).toBe(0o600)
    expect(terminal.printed()).not.toContain(ATPROTO_SECRET)
    expect(terminal.printed()).not.toContain('"d"')
  })

  it('has git ignore the secrets before they are there, and leaves no draft of them', async () => {
    const terminal = createTerminal({ files: newApp })
    await terminal.run('init', '--yes')
    const printed = terminal.printed()
    expect(printed.indexOf('.gitignore')).toBeLessThan(printed.indexOf('.env.local'))
    expect(readdirSync(terminal.folder).filter((name) => name.startsWith('.env'))).toEqual(['.env.local'])
  })

  it('writes secrets to where .env.local leads, and leaves it a link', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'kept/env': 'OTHER=1\n' } })
    symlinkSync(join(terminal.folder, 'kept/env'), join(terminal.folder, '.env.local'))
    await terminal.run('init', '--yes')
    expect(lstatSync(join(terminal.folder, '.env.local')).isSymbolicLink()).toBe(true)
    expect(terminal.read('kept/env')).toMatch(/^OTHER=1\nATPROTO_SECRET=/)
  })

  it.each([['--yes'], ['--force']])('never replaces a secret or key that is there (%s)', async (flag) => {
    const files = { ...newApp, '.env.local': 'ATPROTO_SECRET=mine\nOTHER=1' }
    const terminal = createTerminal({ files })
    await terminal.run('init', flag)
    expect(terminal.read('.env.local')).toMatch(
      /^ATPROTO_SECRET=mine\nOTHER=1\nATPROTO_CLIENT_KEYS='\{.*\}'\n$/,
    )
  })

  it.each(['.env', '.env.development', '.env.production', '.env.production.local'])(
    'puts no new secret before the one that is in %s: every session would end',
    async (file) => {
      const keys = (await generateKeys()).trim()
      const terminal = createTerminal({ files: { ...newApp, [file]: keys } })
      await terminal.run('init', '--yes')
      expect(has(terminal, '.env.local')).toBe(false)
      expect(terminal.printed()).toContain(`.env.local: not needed, a secret and keys are in ${file}`)
      expect(terminal.read(file)).toBe(keys)
    },
  )

  it('adds what is missing alone, where the rest is in another file', async () => {
    const terminal = createTerminal({ files: { ...newApp, '.env': 'ATPROTO_SECRET=mine\n' } })
    await terminal.run('init', '--yes')
    expect(terminal.read('.env.local')).toMatch(/^ATPROTO_CLIENT_KEYS='\{.*\}'\n$/)
  })

  it('fills in a variable that is there without a value', async () => {
    const files = { ...newApp, '.env': 'ATPROTO_SECRET=\n', '.env.local': 'ATPROTO_SECRET=\nOTHER=1\n' }
    const terminal = createTerminal({ files })
    await terminal.run('init', '--yes')
    const { ATPROTO_SECRET, OTHER } = parseEnv(terminal.read('.env.local'))
    expect([ATPROTO_SECRET?.length, OTHER]).toEqual([43, '1'])
    expect(terminal.read('.env.local').match(/^ATPROTO_SECRET=/gm)).toHaveLength(1)
  })

  it('changes nothing the second time', async () => {
    const terminal = createTerminal({ files: newApp })
    await terminal.run('init', '--yes', '--guard')
    const before = terminal.printed().length
    await terminal.run('init', '--yes', '--guard', '--json')
    const { changes } = JSON.parse(terminal.printed().slice(before))
    expect(new Set(changes.map(({ action }: { action: string }) => action))).toEqual(new Set(['same']))
  })

  it('writes nothing on a dry run', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('init', '--dry-run', '--force')).toBe(0)
    expect(terminal.printed()).toContain('+ auth.ts')
    for (const path of ['auth.ts', '.env.local', 'app/oauth']) expect(has(terminal, path)).toBe(false)
    expect(terminal.read('next.config.ts')).toBe(newApp['next.config.ts'])
  })

  it('keeps a file that is there, unless it is forced', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'auth.ts': MINE } })
    await terminal.run('init', '--yes')
    expect(terminal.read('auth.ts')).toBe(MINE)
    expect(terminal.printed()).toContain('auth.ts: exists with different content: kept')
    await terminal.run('init', '--force')
    expect(terminal.read('auth.ts')).not.toContain('Mine')
  })

  it('says which option a kept file lacks for the pages', async () => {
    const terminal = createTerminal({ files: newApp })
    await terminal.run('init', '--yes', '--guard')
    const before = terminal.printed().length
    expect(await terminal.run('init', '--yes', '--pages', '--protect', '/account/:path*')).toBe(0)
    const printed = terminal.printed().slice(before)
    expect(printed).toContain(
      "Add to the options of createAtprotoAuth() in auth.ts:  signInPage: '/sign-in',",
    )
    expect(printed).toContain("Add to the options of authProxy() in proxy.ts:  signInPage: '/sign-in',")
  })

  it('says nothing of that option where the kept file has it, or is replaced', async () => {
    const auth = "export const auth = createAtprotoAuth({ signInPage: '/enter' })\n"
    const named = createTerminal({ files: { ...newApp, 'auth.ts': auth } })
    await named.run('init', '--yes', '--pages')
    const replaced = createTerminal({ files: { ...newApp, 'auth.ts': MINE } })
    await replaced.run('init', '--force', '--pages')
    expect(named.printed() + replaced.printed()).not.toContain('Add to the options')
  })

  it('takes an odd scope for a mistake before anything is written', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('init', '--yes', '--scope', 'repo:app.bsky.feed.post')).toBe(1)
    expect(terminal.printedErrors()).toContain('"atproto"')
    expect(has(terminal, 'auth.ts')).toBe(false)
  })

  it('writes a name with quotes as a text, not as code', async () => {
    const terminal = createTerminal({ files: newApp })
    await terminal.run('init', '--yes', '--name', `O'Neil's \\ App`)
    expect(terminal.read('auth.ts')).toContain(String.raw`clientName: 'O\'Neil\'s \\ App'`)
  })

  it('refuses an application that does not use Next.js', async () => {
    const terminal = createTerminal({ files: manifest({ dependencies: { express: '5' } }) })
    expect(await terminal.run('init', '--yes')).toBe(1)
    expect(terminal.printedErrors()).toContain('does not use Next.js')
  })
})

describe('an auth.ts of another sign-in', () => {
  const BETTER = "import { betterAuth } from 'better-auth'\n\nexport const auth = betterAuth({})\n"
  const route = 'app/oauth/[...atproto]/route.ts'
  const metadata = 'app/oauth-client-metadata.json/route.ts'

  it.each(['--yes', '--force'])(
    'is left alone, and ours is atproto.ts, which all other files import (%s)',
    async (flag) => {
      const terminal = createTerminal({ files: { ...newApp, 'auth.ts': BETTER } })
      expect(await terminal.run('init', flag, '--pages')).toBe(0)
      expect(terminal.read('auth.ts')).toBe(BETTER)
      expect(terminal.read('atproto.ts')).toContain('export const atproto = createAtprotoAuth({')
      for (const path of [route, metadata, 'app/compose/page.tsx']) {
        expect(terminal.read(path), path).toMatch(/import \{ atproto \} from '(\.\.\/)+atproto'/)
        expect(terminal.read(path), path).not.toMatch(/\bauth\./)
      }
      expect(terminal.printed()).toContain('auth.ts is not of this library')
      expect(terminal.printed()).toContain('docs/connect.md')
      expect(terminal.printed()).toContain('Call atproto.requireSession()')
    },
  )

  it.each(['src/auth.js', 'src/auth.tsx', 'src/auth/index.ts'])('is seen as %s', async (path) => {
    const { 'app/page.tsx': _, ...rest } = newApp
    const terminal = createTerminal({ files: { ...rest, 'src/app/page.tsx': '', [path]: BETTER } })
    await terminal.run('init', '--yes')
    expect(has(terminal, 'src/auth.ts')).toBe(false)
    expect(terminal.read(`src/${route}`)).toContain("from '../../../atproto'")
  })

  it('changes nothing the second time', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'auth.ts': BETTER } })
    await terminal.run('init', '--yes')
    const before = terminal.printed().length
    await terminal.run('init', '--yes', '--json')
    const { changes } = JSON.parse(terminal.printed().slice(before))
    expect(new Set(changes.map(({ action }: { action: string }) => action))).toEqual(new Set(['same']))
  })

  it('is not needed to keep to the atproto.ts of docs/connect.md', async () => {
    const files = { ...newApp, 'atproto.ts': 'export const atproto = createAtprotoAuth({})\n' }
    const terminal = createTerminal({ files })
    await terminal.run('init', '--yes')
    expect(has(terminal, 'auth.ts')).toBe(false)
    expect(terminal.read(route)).toContain('atproto.handlers')
  })

  it('beside an atproto.ts of something else stops init before anything is written', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'auth.ts': BETTER, 'atproto.ts': 'export {}\n' } })
    expect(await terminal.run('init', '--force')).toBe(1)
    expect(terminal.printedErrors()).toContain('neither calls createAtprotoAuth()')
    expect(has(terminal, route) || has(terminal, '.env.local')).toBe(false)
  })
})

describe('init, when somebody is there', () => {
  it('shows first what it will do, and does nothing after a no', async () => {
    const terminal = createTerminal({ files: newApp, answers: ['n'] })
    expect(await terminal.run('init')).toBe(1)
    expect(terminal.printed()).toMatch(/\+ auth\.ts: new.*Do this\?/s)
    expect(has(terminal, 'auth.ts')).toBe(false)
  })

  it('asks about each file that would be lost', async () => {
    const files = { ...newApp, 'auth.ts': MINE, 'app/oauth/[...atproto]/route.ts': '// mine too\n' }
    const terminal = createTerminal({ files, answers: ['y', 'n', 'y'] })
    expect(await terminal.run('init')).toBe(0)
    expect(terminal.read('auth.ts')).toBe(MINE)
    expect(terminal.read('app/oauth/[...atproto]/route.ts')).toContain('auth.handlers')
  })

  it('does not act for a script that says neither --yes nor --force', async () => {
    const terminal = createTerminal({ files: newApp })
    expect(await terminal.run('init')).toBe(2)
    expect(has(terminal, 'auth.ts')).toBe(false)
  })
})

describe('what init finds', () => {
  it.each([
    ['16.4.6', 'proxy.ts', 'middleware.ts', 'authProxy'],
    ['^15.5.9', 'middleware.ts', 'proxy.ts', 'authMiddleware'],
    ['latest', 'proxy.ts', 'middleware.ts', 'authProxy'],
  ])('names the guard for Next.js %s: %s', async (next, path, other, guard) => {
    const terminal = createTerminal({ files: manifest({ dependencies: { next } }) })
    await terminal.run('init', '--yes', '--protect', '/compose', '--protect', '/account/:path*')
    const paths = `['/compose', '/account/:path*']`
    expect(terminal.read(path)).toContain(`export default ${guard}({ protect: ${paths} })`)
    expect(terminal.read(path)).toContain(`matcher: ${paths}`)
    expect(has(terminal, other)).toBe(false)
  })

  it('leaves a guard of the other name alone, because both at once break the build', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'middleware.ts': '// mine\n' } })
    await terminal.run('init', '--force', '--guard')
    expect(has(terminal, 'proxy.ts')).toBe(false)
    expect(terminal.printed()).toContain('middleware.ts exists: add authMiddleware()')
  })

  it.each(['compose', '/', '/a b', "/x'", '/:path*', '//evil'])('refuses to guard %s', async (path) => {
    expect(await createTerminal({ files: newApp }).run('init', '--yes', '--protect', path)).toBe(2)
  })

  it('keeps to src, and to JavaScript', async () => {
    const { 'tsconfig.json': _t, 'app/page.tsx': _p, 'next.config.ts': _c, ...rest } = newApp
    const terminal = createTerminal({ files: { ...rest, 'src/app/page.jsx': '' } })
    await terminal.run('init', '--yes', '--guard')
    for (const path of [
      'src/auth.js',
      'src/app/oauth/[...atproto]/route.js',
      'src/proxy.js',
      'next.config.mjs',
    ])
      expect(has(terminal, path), path).toBe(true)
  })

  it.each([
    ['package-lock.json', 'npm run dev', 'npm install'],
    ['pnpm-lock.yaml', 'pnpm dev', 'pnpm add'],
    ['yarn.lock', 'yarn dev', 'yarn add'],
    ['bun.lock', 'bun dev', 'bun add'],
  ])('speaks the language of %s', async (lock, dev, install) => {
    const terminal = createTerminal({
      files: { ...manifest({ dependencies: { next: '16.4.6' } }), [lock]: '' },
    })
    await terminal.run('init', '--dry-run')
    expect(terminal.printed()).toContain(`${dev}, then open`)
    expect(terminal.printed()).toContain(`${install} next-atproto-auth`)
  })

  it('X10: warns of a Next.js with published holes', async () => {
    const terminal = createTerminal({ files: manifest({ dependencies: { next: '15.4.2' } }) })
    await terminal.run('init', '--dry-run')
    expect(terminal.printed()).toContain('Next.js 15.4.2 is too old')
  })

  it('has git ignore what holds secrets', async () => {
    const terminal = createTerminal({ files: { ...newApp, '.gitignore': 'node_modules' } })
    await terminal.run('init', '--yes')
    expect(terminal.read('.gitignore')).toBe('node_modules\n.env*.local\n.atproto-auth/\n')
  })
})

describe('next.config', () => {
  const configAfter = async (text: string, name = 'next.config.ts') => {
    const { 'next.config.ts': _, ...rest } = newApp
    const terminal = createTerminal({ files: { ...rest, [name]: text } })
    await terminal.run('init', '--yes')
    return { text: terminal.read(name), printed: terminal.printed() }
  }

  it.each([
    [
      'const c: NextConfig = {\n  x: 1,\n}\nexport default c\n',
      "const c: NextConfig = {\n  allowedDevOrigins: ['127.0.0.1'],\n  x: 1,\n}\nexport default c\n",
    ],
    ['export default {}\n', "export default {\n  allowedDevOrigins: ['127.0.0.1'],\n}\n"],
    ['export default { x: 1 }\n', "export default {\n  allowedDevOrigins: ['127.0.0.1'],\n  x: 1 }\n"],
    [
      'const c = {\n}\nmodule.exports = withMdx(c)\n',
      "const c = {\n  allowedDevOrigins: ['127.0.0.1'],\n}\nmodule.exports = withMdx(c)\n",
    ],
  ])('gets the line where it is plainly one object: %j', async (before, after) => {
    expect((await configAfter(before)).text).toBe(after)
  })

  it.each([
    'export default async () => ({})\n',
    'const a = {\n}\nconst b = {\n}\nexport default b\n',
    'const other = {\n}\nexport default make(process.env)\n',
    '/*\nconst c = {\n}\n*/\nexport default make()\n',
    'const text = `\nexport default {`\nexport default make(text)\n',
  ])('is left to a person where it is not: %j', async (before) => {
    const { text, printed } = await configAfter(before)
    expect(text).toBe(before)
    expect(printed).toContain("allowedDevOrigins: ['127.0.0.1'],")
  })

  it('is left alone when it names the option already', async () => {
    const before = "export default {\n  allowedDevOrigins: ['x'],\n}\n"
    expect((await configAfter(before, 'next.config.mjs')).text).toBe(before)
  })
})
