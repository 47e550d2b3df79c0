/** docs/components.md: its examples compile, and it says of each component all that there is. */
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/components.md'), 'utf8')
const source = (name: string) => readFileSync(join(root, 'lib/react', name), 'utf8')
const styles = source('styles.css')

/** The names of an interface's properties, as they stand in the source. */
function propertiesOf(file: string, name: string): readonly string[] {
  const [, body = ''] =
    new RegExp(`^export interface ${name} [^{]*\\{\\n(.*?)^\\}`, 'ms').exec(source(file)) ?? []
  return Array.from(body.matchAll(/^ {2}readonly '?([\w-]+)'?\??:/gm), ([, property = '']) => property)
}

/** The first cells of the tables in the section under a heading. */
function rowsUnder(heading: string): readonly string[] {
  const section = page.split(/^##+ /m).find((part) => part.startsWith(heading)) ?? ''
  return Array.from(section.matchAll(/^\| `([\w-]+)` \|/gm), ([, name = '']) => name)
}

describe('docs/components.md', () => {
  it.each([
    ['`<SignInForm>`', 'sign-in/sign-in-form.tsx', 'SignInFormProps'],
    ['Suggestions', 'suggestions/suggestion-options.ts', 'SuggestionOptions'],
    ['`<SignOutButton>`', 'account-menu/sign-out-button.tsx', 'SignOutButtonProps'],
    ['`<AccountMenu>`', 'account-menu/account-menu.tsx', 'AccountMenuProps'],
    ['`<SessionProvider>` and `useSession()`', 'session/session-provider.tsx', 'SessionProviderProps'],
    ['`<SignedIn>` and `<SignedOut>`', 'session/signed-in.tsx', 'SignedInProps'],
  ])('lists every property of %s', (heading, file, name) => {
    const properties = propertiesOf(file, name)
    expect(properties.length).toBeGreaterThan(1)
    expect(rowsUnder(heading)).toEqual(properties)
  })

  it('names every part that a style can be given to, and no other', () => {
    const files = globSync('**/*.tsx', { cwd: join(root, 'lib/react') })
    const parts = files.flatMap((file) =>
      Array.from(source(file).matchAll(/data-atproto'?[=:] ?["']([\w-]+)["']/g), ([, part]) => part),
    )
    const [, list = ''] = /has a `data-atproto` attribute:(.*?)\.\s/s.exec(page) ?? []
    const named = Array.from(list.matchAll(/`([\w-]+)`/g), ([, part]) => part)
    expect(named.toSorted()).toEqual([...new Set(parts)].sort())
    for (const [, part] of styles.matchAll(/\[data-atproto="([\w-]+)"\]/g)) expect(named).toContain(part)
  })

  it('names every custom property of the stylesheet', () => {
    const used = Array.from(styles.matchAll(/var\((--atproto-[\w-]+)/g), ([, name]) => name)
    const [, list = ''] = /colours can be set anywhere above:(.*)/s.exec(page) ?? []
    expect(Array.from(list.matchAll(/`(--atproto-[\w-]+)`/g), ([, name]) => name).sort()).toEqual(
      [...new Set(used)].sort(),
    )
  })

  it('has examples that compile', { timeout: 60_000 }, async () => {
    const blocks = Array.from(page.matchAll(/^```tsx\n\/\/ (\S+)\n(.*?)^```$/gms))
    expect(blocks).toHaveLength(page.match(/^```tsx$/gm)?.length ?? 0)
    await mkdir(join(root, '.results'), { recursive: true })
    const folder = await mkdtemp(join(root, '.results/docs-components-'))
    try {
      const files = {
        'auth.ts':
          "import { createAtprotoAuth } from 'next-atproto-auth'\nexport const auth = createAtprotoAuth()\n",
        'css.d.ts': "declare module '*.css'\n",
        'tsconfig.json': JSON.stringify({
          extends: '../../tsconfig.json',
          compilerOptions: { incremental: false, plugins: [] },
          include: ['**/*.ts', '**/*.tsx'],
          exclude: [],
        }),
        ...Object.fromEntries(blocks.map(([, path = '', text = '']) => [path, text])),
      }
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const run = promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(({ stdout }) => ({
        stdout,
      }))
      expect((await run).stdout).toBe('')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
