/** Tells whether a part of a Next.js build holds the library's code that knows secrets. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Words that only code has that handles keys, tokens and seals. */
export const secretWords = [
  'client_assertion',
  'dpop+jwt',
  'refresh_token',
  'ATPROTO_SECRET',
  'ATPROTO_CLIENT_KEYS',
  'Fe26.2',
] as const

/**
 * Those of the words that are in the scripts of a folder, such as `.next/static`.
 *
 * @throws Error when it holds no scripts: nothing would have been looked at
 */
export function secretWordsIn(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const scripts = names
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  if (scripts.length === 0) throw new Error(`There are no scripts in ${folder}.`)
  return secretWords.filter((word) => scripts.some((script) => script.includes(word)))
}
