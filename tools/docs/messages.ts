/** The texts of errors as the sources have them, with `…` where a value stands. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source.ts'

/** A source with its long texts in one piece: `'a ' +` on one line and `'b'` on the next are `'a b'`. */
export function joinedSource(path: string): string {
  return readFileSync(join(root, path), 'utf8').replace(/(['`]) \+\s+(['`])/g, '')
}

/** What the errors of that class say in a file, each text once. */
export function messagesOf(path: string, className: string): readonly string[] {
  const source = withoutValues(joinedSource(path))
  // A text ends at a quotation mark that an argument or a call ends behind.
  const text = new RegExp(`new ${className}\\(\\s*['"\`]([\\s\\S]*?)['"\`](?=,?\\s*\\)|, \\{)`, 'g')
  const texts = [...source.matchAll(text)].map(([, found = '']) => found)
  return [...new Set(texts)]
}

/** The pieces of a text that are always the same; those too short to find anything by are left out. */
export function fixedPartsOf(message: string): readonly string[] {
  return message
    .split('…')
    .map((part) => part.trim())
    .filter((part) => part.length > 8)
}

function withoutValues(text: string): string {
  return text.replace(/\$\{[^}]*\}/g, '…')
}
