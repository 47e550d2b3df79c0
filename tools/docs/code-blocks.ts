/**
 * The TypeScript of the documentation as files that the compiler can check. A block whose first line is a comment with
 * a path is that file, beside the files that the same page has shown before it; any other block is a piece of a
 * function, with a few names given.
 */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { type Page, readPages } from './pages.ts'
import { root } from './source.ts'

export interface CodeBlock {
  readonly page: string
  /** Of its first line in the page. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** Undefined for a piece. */
  readonly path: string | undefined
}

/** Ignored by git; inside of the repository, so that packages are found. */
const folder = join(root, '.results/docs')

/** The library as the package declares it: its sources follow this repository's settings, which are not a reader's. */
const types = join(folder, 'library')

/** Names that the pieces use without saying where they come from. */
const given = `import type * as next from 'next-atproto-auth'
import type * as guard from 'next-atproto-auth/middleware'
import type * as oauth from 'next-atproto-auth/oauth'

declare global {
  type SignInFailure = next.SignInFailure
  const createAtprotoAuth: typeof next.createAtprotoAuth
  const authMiddleware: typeof guard.authMiddleware
  const auth: next.AtprotoAuth
  const session: next.OAuthSession
  const client: oauth.OAuthClient
  const clientMetadata: oauth.ClientMetadataInput
  const did: string
  const handle: string
  const sessionId: string
  const currentUserId: () => Promise<string>
  const params: URLSearchParams
  const callbackUrl: string
  const redirect: (url: URL) => never
  const OAuthCallbackError: typeof oauth.OAuthCallbackError
  const JoseKey: typeof oauth.JoseKey
}
`

/** What pages import that show no file of that name themselves. */
const standIns: Readonly<Record<string, string>> = {
  'auth.ts': `import { createAtprotoAuth } from 'next-atproto-auth'

export const auth = createAtprotoAuth()
`,
  'i18n/routing.ts': `export const routing = { locales: ['en', 'de'], defaultLocale: 'en' }
`,
}

/** Of packages that pages name and this repository does not install. */
const otherPackages = `declare module 'next-intl/middleware' {
  import type { NextRequest, NextResponse } from 'next/server'
  export default function createMiddleware(routing: object): (request: NextRequest) => NextResponse
}
declare module 'next-auth' {
  interface Session {
    readonly expires: string
  }
  export interface NextAuthOptions {
    readonly providers: readonly object[]
    readonly callbacks?: {
      session(params: { readonly session: Session; readonly token: { readonly sub?: string } }): Session
    }
  }
  export function getServerSession(options: NextAuthOptions): Promise<Session | null>
}
declare module 'better-auth' {
  type Session = { readonly user: { readonly id: string } }
  export function betterAuth(options: { readonly emailAndPassword: { readonly enabled: boolean } }): {
    readonly api: { getSession(options: { readonly headers: Headers }): Promise<Session | null> }
  }
}
declare module '@clerk/nextjs/server' {
  export function auth(): Promise<{ readonly userId: string | null }>
}
`

/** The blocks that are marked as `ts` or `tsx`. Signatures in docs/api.md, marked as `typescript`, are copies of sources. */
export function codeBlocksOf({ path: page, text }: Page): readonly CodeBlock[] {
  return [...text.matchAll(/^( *)```(tsx?)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', language = '', indented = ''] = match
    const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const line = text.slice(0, match.index).split('\n').length + 1
    return { page, line, language, code, path: /^\/\/ (\S+\.m?tsx?)(?=\s)/.exec(code)?.[1] }
  })
}

/** What the compiler says about the blocks of all pages: nothing when all is well. */
export async function checkCodeBlocks(): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  const checked = await Promise.all(readPages().map(writeBlocks))
  await write('given.d.ts', given)
  await write('other-packages.d.ts', otherPackages)
  await write('tsconfig.json', JSON.stringify(configuration(checked.flat())))
  const declared = await compile(['-p', 'tsconfig.lib.json', '--emitDeclarationOnly', '--outDir', types])
  return declared || (await compile(['-p', folder]))
}

function compile(options: readonly string[]): Promise<string> {
  const compiler = join(root, 'node_modules/.bin/tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...options], { cwd: root }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

/** Every block in a folder of its own: pages show several forms of one file. */
async function writeBlocks(page: Page): Promise<readonly string[]> {
  const blocks = codeBlocksOf(page)
  // Of a file with several forms the first counts until the next is shown.
  const first = blocks.toReversed().flatMap(({ path, code }) => (path ? [[path, code] as const] : []))
  const shown = new Map([...Object.entries(standIns), ...first])
  const written: string[] = []
  for (const block of blocks) {
    const place = `${page.path.replaceAll('/', '_').replace(/\.md$/, '')}-line-${block.line}`
    const name = block.path ?? `piece.${block.language}`
    const files = new Map(shown).set(name, block.path ? block.code : toModule(block.code))
    for (const [path, code] of files) await write(join(place, path), code)
    if (block.path) shown.set(block.path, block.code)
    written.push(join(place, name))
  }
  return written
}

/** A piece as a module: its imports, and the rest in a function or an object. */
function toModule(code: string): string {
  if (/^export /m.test(code)) return code
  const [imports, rest] = [
    code.match(/^import [\s\S]*? from '.*'\n/gm) ?? [],
    code.replace(/^import [\s\S]*? from '.*'\n/gm, ''),
  ]
  if (/^(\s*\/\/.*\n)*\w+: /.test(rest)) {
    return `import type { AtprotoAuthOptions } from 'next-atproto-auth'\n\nexport const options: AtprotoAuthOptions = {\n${rest}}\n`
  }
  return `${imports.join('')}\nexport async function piece() {\n${rest}}\n`
}

/**
 * The settings that `create-next-app` makes, as in examples/: an import that only this repository allows is an error.
 * What readers may have switched on besides is on.
 */
function configuration(files: readonly string[]) {
  const entries = Object.entries(manifest.exports).flatMap(([name, target]) => {
    const path = typeof target === 'string' ? target : target.types
    return [[name.replace('.', manifest.name), [path.replace('./dist/', './library/')]] as const]
  })
  const styles = relative(folder, join(root, 'lib/react/styles.css'))
  return {
    extends: relative(folder, join(root, 'examples/minimal/tsconfig.json')),
    compilerOptions: {
      incremental: false,
      plugins: [],
      noEmit: true,
      types: ['node', 'react', 'react-dom'],
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      paths: { ...Object.fromEntries(entries), [`${manifest.name}/react/styles.css`]: [styles] },
    },
    include: [],
    files: [
      'given.d.ts',
      'other-packages.d.ts',
      relative(folder, join(root, 'node_modules/next/types/global.d.ts')),
      ...files,
    ],
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
