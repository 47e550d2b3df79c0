/** The pages of the documentation, and what is in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source.ts'

export interface Page {
  /** Path in the repository. */
  readonly path: string
  readonly text: string
}

/** README and its neighbours, docs/*.md, the decisions, and what the examples say of themselves. */
export function readPages(): readonly Page[] {
  const examples = readdirSync(join(root, 'examples')).map((name) => join('examples', name))
  const folders = ['', 'docs', 'docs/decisions', ...examples]
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  )
}

/** Without fenced code, in which a # is no heading and brackets are no link. */
export function proseOf(text: string): string {
  return text.replace(/^ *(```+)[\s\S]*?^ *\1$/gm, '')
}

/** The anchors that GitHub makes of a page's headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const headings = [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => slug(heading))
  return new Set(
    headings.map((name) => {
      const count = seen.get(name) ?? 0
      seen.set(name, count + 1)
      return count === 0 ? name : `${name}-${count}`
    }),
  )
}

function slug(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

export interface Link {
  readonly page: string
  readonly target: string
}

/** Links and pictures that lead to files of the repository or within the page. */
export function linksOf({ path, text }: Page): readonly Link[] {
  const targets = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ page: path, target }))
}
