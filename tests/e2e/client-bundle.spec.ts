/** What browsers load: pages and their scripts, without the part of the library that knows secrets. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'

const build = join(import.meta.dirname, '../../.next')
/** Words that only code has that handles keys, tokens and seals. */
const words = [
  'client_assertion',
  'dpop+jwt',
  'refresh_token',
  'ATPROTO_SECRET',
  'ATPROTO_CLIENT_KEYS',
  'Fe26.2',
]

/** Those of the words that are in the scripts of a part of the build. */
function wordsIn(part: string): readonly string[] {
  const folder = join(build, part)
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  expect(scripts.length).toBeGreaterThan(0)
  return words.filter((word) => scripts.some((script) => script.includes(word)))
}

test('KS-10 X9 the scripts for browsers hold no code that handles keys, tokens or seals; those of the server do', () => {
  expect(wordsIn('static')).toEqual([])
  expect(wordsIn('server')).toEqual(words)
})
