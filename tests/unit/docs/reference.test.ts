/** The pages that are made from the sources are up to date, and name all there is. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findOptionProblems } from '../../../lib/next/config/options-schema.ts'
import { writeApi } from '../../../tools/docs/api.ts'
import { writeConfiguration } from '../../../tools/docs/configuration.ts'
import { parseDocstring } from '../../../tools/docs/docstring.ts'
import { commandVariables, hostVariables, variables } from '../../../tools/docs/environment.ts'
import { declarationOf, readEntry } from '../../../tools/docs/public-api.ts'
import { writeServers } from '../../../tools/docs/servers.ts'
import { root } from '../../../tools/docs/source.ts'
import { makers } from '../../support/protocol/makers/index.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

it.each([
  ['docs/configuration.md', writeConfiguration],
  ['docs/api.md', writeApi],
  ['docs/servers.md', writeServers],
])('%s is up to date; `npm run docs` writes it', (path, write) => {
  expect(read(path)).toBe(write())
})

describe('docs/configuration.md', () => {
  it('names each option that createAtprotoAuth() takes, and no other', () => {
    const [message = ''] = findOptionProblems({ nonsense: true }).messages
    const taken = message.replace(/^.* are |\.$/g, '').split(', ')
    const interfaces = [
      declarationOf('lib/next/config/options.ts', 'AtprotoAuthOptions'),
      declarationOf('lib/next/events/hooks.ts', 'AuthHooks'),
      declarationOf('lib/next/limits/login-limits.ts', 'LoginLimitOptions'),
    ]
    const told = interfaces.flatMap(({ members }) => members.map(({ name }) => name))
    expect(taken.toSorted()).toEqual(told.toSorted())
  })

  it('has a docstring for each', () => {
    const page = writeConfiguration()
    const bare = [...page.matchAll(/^### (\w+)\n\n`[^\n]+\n\n(?=#)/gm)].map(([, name]) => name)
    expect(bare).toEqual([])
  })

  it('names each environment variable that lib/ reads, and no other', () => {
    const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    const sources = files.filter((path) => /\.tsx?$/.test(path)).map((path) => read(join('lib', path)))
    const byName = sources.flatMap((text) => [...text.matchAll(/\benv\.([A-Z_]{2,})\b/g)])
    // Two files look names up in lists.
    const lists = read('lib/store/choose-store.ts') + read('lib/next/limits/client-address.ts')
    const inLists = [...lists.matchAll(/(?:^ +|\[|, )'?([A-Z]+(?:_[A-Z]+)*)'?(?=[:,\]])/gm)]
    const names = [...byName, ...inLists].map(([, name = '']) => name)
    const told = [...variables, ...hostVariables].map(({ name }) => name)
    const isToldElsewhere = (name: string) => commandVariables.has(name)
    const found = new Set(names.filter((name) => !isToldElsewhere(name)))
    expect([...found].toSorted()).toEqual(told.toSorted())
  })
})

describe('docs/api.md', () => {
  it('has every export of the entries', () => {
    const page = writeApi()
    const names = ['lib/next/index.ts', 'lib/oauth/index.ts', 'lib/store/redis.ts'].flatMap(readEntry)
    expect(names.filter(({ name }) => !page.includes(`### ${name}\n`))).toEqual([])
    expect(names.length).toBeGreaterThan(100)
  })

  it('gives each error code its meaning', () => {
    const union = declarationOf('lib/errors.ts', 'ErrorCode').signature
    const codes = [...union.matchAll(/\| '(\w+)'/g)].map(([, code = '']) => code)
    const page = writeApi()
    expect(codes).toContain('request_refused')
    expect(codes.filter((code) => !new RegExp(`^\\| \`${code}\` \\| \\S.+ \\|$`, 'm').test(page))).toEqual([])
  })
})

describe('docs/servers.md', () => {
  it('has the version of the reference PDS that the tests install', () => {
    const { devDependencies } = JSON.parse(read('package.json'))
    expect(writeServers()).toContain(`| Bluesky PDS | TypeScript | ${devDependencies['@atproto/pds']} |`)
  })

  it('has no text that would break its table, and every limit in full sentences', () => {
    const limits = makers.flatMap((maker) => Object.values(maker.limits))
    expect(limits.filter(({ theirs }) => !/^[A-Z].*\.$/.test(theirs))).toEqual([])
    const cells = makers.flatMap(({ name, language, version, tried }) => [name, language, version, tried])
    expect(cells.filter((text) => /[|\n]/.test(text))).toEqual([])
  })
})

it('reads the tags of a docstring apart', () => {
  const doc = parseDocstring(`/**
   * The sum.
   *
   * @param a one
   *   number
   * @throws TypeError when
   *   it is none
   * @example
   * \`\`\`ts
   *   add(1, 2)
   * \`\`\`
   */`)
  expect(doc).toEqual({
    text: 'The sum.',
    params: [{ name: 'a', text: 'one number' }],
    throws: 'TypeError when\nit is none',
    returns: undefined,
    examples: ['```ts\n  add(1, 2)\n```'],
  })
})
