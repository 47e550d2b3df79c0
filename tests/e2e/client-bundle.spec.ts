/** What browsers load: pages and their scripts, without the part of the library that knows secrets. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../support/e2e/fixtures.ts'
import { secretWords, secretWordsIn } from '../support/secret-words.ts'

const build = join(import.meta.dirname, '../../.next')

test('KS-10 X9 the scripts for browsers hold no code that handles keys, tokens or seals; those of the server do', () => {
  expect(secretWordsIn(join(build, 'static'))).toEqual([])
  expect(secretWordsIn(join(build, 'server'))).toEqual(secretWords)
})

test('finding and showing links, mentions and hashtags adds nothing to the scripts for browsers', () => {
  const folder = join(build, 'static')
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  )
  expect(scripts).not.toEqual([])
  expect(scripts.filter((name) => /richtext/i.test(readFileSync(join(folder, name), 'utf8')))).toEqual([])
})

test('X9 no file of a folder is traced by its name: a standalone build would take the secret of a data folder along', () => {
  const names = readdirSync(build, { recursive: true, encoding: 'utf8' })
  const traces = names.filter((name) => name.endsWith('.nft.json'))
  expect(traces).not.toEqual([])
  // Each folder of this repository that has a .gitignore was traced, as one with a secret would be.
  const traced = traces.filter((name) =>
    /\/(\.gitignore|secret)"/.test(readFileSync(join(build, name), 'utf8')),
  )
  expect(traced).toEqual([])
})
