/** The code blocks of the documentation that stand for a file, each at a place of its own in one application. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { readPages } from '../../../tools/docs/pages.ts'

export interface DocumentedFile {
  readonly path: string
  readonly text: string
}

/** The pages whose files belong to one application, in the order in which a reader comes to them. */
const together = [
  'README.md',
  'docs/recipes.md',
  'docs/components.md',
  'docs/next-js.md',
  'docs/migration.md',
]

/** What only some applications install, and the pool of such a package. */
const otherPackages =
  /from '(next-intl\/|next-auth'|better-auth'|@clerk\/|vitest['/]|@playwright\/|redis'|pg'|\.\.?\/database'|drizzle-orm|@neondatabase\/|@upstash\/)/

/** The files that README tells its reader to write, in their order. */
export function readmeFiles(): readonly DocumentedFile[] {
  return blocksOf('README.md')
}

/** Every file of the documentation, at a place of its own. */
export function documentedFiles(): readonly DocumentedFile[] {
  return [...placed(together.flatMap(blocksOf)), ...otherPages().flatMap(applicationOf)]
}

/**
 * Where two blocks are forms of one file, the first has its path and the others a number in their names, beside it, so
 * that their imports lead to the same files.
 */
function placed(blocks: readonly DocumentedFile[]): readonly DocumentedFile[] {
  const files = new Map<string, string>()
  for (const { path, text } of blocks) {
    if (otherPackages.test(text) || [...files.values()].includes(text)) continue
    let place = path
    for (let form = 2; files.has(place); form += 1) place = numbered(path, form)
    files.set(place, text)
  }
  return [...files].map(([path, text]) => ({ path, text }))
}

/** The pages whose files are those of another application. */
function otherPages(): readonly string[] {
  const names = readPages().map(({ path }) => path)
  return names.filter((name) => /^docs\/[^/]+$/.test(name) && !together.includes(name))
}

/** The files of a page in a folder below `app`, where their imports lead to one another and their pages are built. */
function applicationOf(name: string): readonly DocumentedFile[] {
  const folder = name.replace(/^docs\/(.+)\.md$/, 'app/$1')
  const files = placed(blocksOf(name))
  const usesOther = files.some(({ text }) => /from '[./]+\/auth'/.test(text)) && !files.some(isAuth)
  const other = { path: 'auth.ts', text: "export { auth } from '../../auth'\n" }
  return [...(usesOther ? [other] : []), ...files].map(({ path, text }) => ({
    // A root layout has to be the only one.
    path: `${folder}/${path === 'app/layout.tsx' ? numbered(path, 2) : path}`,
    text,
  }))
}

function isAuth({ path }: DocumentedFile): boolean {
  return path === 'auth.ts'
}

/** Writes them into an application. */
export async function writeFiles(folder: string, files: readonly DocumentedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

function blocksOf(name: string): readonly DocumentedFile[] {
  const page = readPages().find(({ path }) => path === name)
  if (!page) throw new Error(`There is no ${name}.`)
  return codeBlocksOf(page).flatMap(({ path, code }) => (path === undefined ? [] : [{ path, text: code }]))
}

/** A page or route is named by its folder. */
function numbered(path: string, form: number): string {
  return /\/(page|route)\.tsx?$/.test(path)
    ? path.replace(/(\/[^/]+)$/, `-${form}$1`)
    : path.replace(/(\.tsx?)$/, `-${form}$1`)
}
