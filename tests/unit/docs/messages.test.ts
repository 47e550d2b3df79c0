/** The documentation promises only what a test shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const rowsOf = (path: string) =>
  Array.from(
    read(path).matchAll(/\| `(?<file>tests\/[^`]+)`: (?<name>.+) \|$/gm),
    ({ groups }) => [groups?.file ?? '', groups?.name ?? ''] as const,
  )

describe.each([
  ['docs/security.md', '| promise |'],
  ['docs/operations.md', '| promise |'],
  ['SECURITY.md', '| claim |'],
])('%s', (path, head) => {
  const rows = rowsOf(path)

  it('has a test in each row', () => {
    const [, table = ''] = read(path).split(`\n${head}`)
    const [body = ''] = table.split('\n\n')
    expect(rows).toHaveLength(body.split('\n').filter((line) => line.startsWith('| ')).length)
  })

  it.each(rows)('names a test that is in %s: %s', (file, name) => {
    expect(read(file)).toContain(`'${name}'`)
  })
})

it('each sentence of the README about what others do not is a promise of docs/security.md', () => {
  const plain = (text: string) => text.replaceAll('’', "'").replace(/\s+/g, ' ').trim()
  const [, section = ''] = read('README.md').split('\n## What it does that others do not\n')
  const [list = ''] = section.split('\n## ')
  const claims = [...list.matchAll(/^- (.+(?:\n {2}.+)*)/gm)].flatMap(([, text = '']) =>
    plain(text)
      .split(/(?<=\.) /)
      .map((sentence) => sentence.replace(/\.$/, '')),
  )
  const promises = new Set(
    [...read('docs/security.md').matchAll(/^\| ([^|]+) \| `tests\//gm)].map(([, text = '']) => plain(text)),
  )
  expect(claims.length).toBeGreaterThan(12)
  expect(claims.filter((claim) => !promises.has(claim))).toEqual([])
})
