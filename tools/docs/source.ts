/** Sources taken apart, and the texts of their parts. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { type Docstring, parseDocstring } from './docstring.ts'

/** The repository's folder. */
export const root = join(import.meta.dirname, '../..')

type Program = ReturnType<typeof parseAst>
export type Statement = Program['body'][number]

export interface Source {
  readonly path: string
  readonly text: string
  readonly body: readonly Statement[]
}

const sources = new Map<string, Source>()

/** A file of the repository, taken apart; read once. */
export function readSource(path: string): Source {
  const known = sources.get(path)
  if (known) return known
  const text = readFileSync(join(root, path), 'utf8')
  const { body } = parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path)
  const source = { path, text, body }
  sources.set(path, source)
  return source
}

/** The docstring that ends where something begins. */
export function docBefore({ text }: Source, start: number): Docstring | undefined {
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(text.slice(0, start))?.[0].trim()
  return comment === undefined ? undefined : parseDocstring(comment)
}

/** A part as it is written. */
export function textOf(
  { text }: Source,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return text.slice(start, end)
}

/** With the comment behind its last line. */
export function toLineEnd(
  { text }: Source,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  const lineEnd = text.indexOf('\n', end)
  return text.slice(start, lineEnd < 0 ? end : lineEnd)
}

/** Without line breaks, and the spaces and commas that come with them. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/([([]) /g, '$1')
    .replace(/,? ([)\]])/g, '$1')
    .trim()
}

/** The path in the repository of what a relative import names. */
export function resolve(from: string, specifier: string): string {
  return relative(root, join(root, dirname(from), specifier))
}
