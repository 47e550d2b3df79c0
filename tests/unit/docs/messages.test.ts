/** The documentation guarantees only what a test shows. */
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

describe('docs/security.md', () => {
  const rows = rowsOf('docs/security.md')

  it('has a test in each row', () => {
    const [, ...tables] = read('docs/security.md').split('\n| Guarantee |')
    const bodies = tables.map((table) => table.split('\n\n')[0] ?? '')
    const lines = bodies.flatMap((body) => body.split('\n').filter((line) => line.startsWith('| ')))
    expect(lines.length).toBeGreaterThan(70)
    expect(rows).toHaveLength(lines.length)
  })

  it.each(rows)('names a test that is in %s: %s', (file, name) => {
    expect(read(file)).toContain(`'${name}'`)
  })
})

it('each guarantee of the README is one of docs/security.md', () => {
  const plain = (text: string) => text.replaceAll('’', "'").replace(/\s+/g, ' ').trim()
  const [, section = ''] = read('README.md').split('\n## Guarantees\n')
  const [list = ''] = section.split('\n## ')
  const claims = [...list.matchAll(/^- (.+(?:\n {2}.+)*)/gm)].flatMap(([, text = '']) =>
    plain(text)
      .split(/(?<=\.) /)
      .map((sentence) => sentence.replace(/\.$/, '')),
  )
  const guarantees = new Set(
    [...read('docs/security.md').matchAll(/^\| ([^|]+) \| `tests\//gm)].map(([, text = '']) => plain(text)),
  )
  expect(claims.length).toBeGreaterThan(2)
  expect(claims.filter((claim) => !guarantees.has(claim))).toEqual([])
})
