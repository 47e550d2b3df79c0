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
const pages = ['README.md', 'docs/recipes.md', 'docs/components.md', 'docs/next-js.md', 'docs/migration.md']

/** What only some applications install. */
const otherPackages = /from '(next-intl\/|vitest\/|redis'|@upstash\/)/

/** The files that README tells its reader to write, in their order. */
export function readmeFiles(): readonly DocumentedFile[] {
  return blocksOf('README.md')
}

/**
 * Every file of these pages. Where two blocks are forms of one file, the first has its path and the others a number in
 * their names, beside it, so that their imports lead to the same files.
 */
export function documentedFiles(): readonly DocumentedFile[] {
  const files = new Map<string, string>()
  for (const { path, text } of pages.flatMap(blocksOf)) {
    if (otherPackages.test(text) || [...files.values()].includes(text)) continue
    let place = path
    for (let form = 2; files.has(place); form += 1) place = numbered(path, form)
    files.set(place, text)
  }
  return [...files].map(([path, text]) => ({ path, text }))
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
