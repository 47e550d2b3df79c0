/** The documentation promises only what a test shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const rows = Array.from(
  read('docs/security.md').matchAll(/\| `(?<file>tests\/[^`]+)`: (?<name>.+) \|$/gm),
  ({ groups }) => [groups?.file ?? '', groups?.name ?? ''] as const,
)

describe('docs/security.md', () => {
  it('has a test in each row', () => {
    const table = read('docs/security.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
    expect(rows).toHaveLength(table.length)
  })

  it.each(rows)('names a test that is in %s: %s', (file, name) => {
    expect(read(file)).toContain(`'${name}'`)
  })
})
