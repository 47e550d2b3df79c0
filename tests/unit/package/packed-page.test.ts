/** Pages as they are in the package: no link leads nowhere. */
import { describe, expect, it } from 'vitest'
import { packPage, type Surroundings } from '../../../tools/package/packed-page.ts'
import { parseRepository } from '../../../tools/package/repository.ts'

const packed = new Map([
  ['README.md', 'README.md'],
  ['docs/a.md', 'dist/docs/a.md'],
  ['docs/b.md', 'dist/docs/b.md'],
])
const isFolder = (path: string) => path === 'examples/minimal'
const isShownElsewhere = (path: string) => path === 'README.md'
const alone: Surroundings = { packed, repository: undefined, isFolder, isShownElsewhere }
const known: Surroundings = { ...alone, repository: parseRepository('o/r', '1.0.0') }
const blob = 'https://github.com/o/r/blob/v1.0.0'

describe('between packed pages', () => {
  it.each([
    ['docs/a.md', '[b](b.md#x)', '[b](b.md#x)'],
    ['docs/a.md', '[start](../README.md#install)', '[start](../../README.md#install)'],
    ['README.md', '[`b`](docs/b.md)', '[`b`](dist/docs/b.md)'],
  ])('in %s, %s is %s', (path, text, expected) => {
    expect(packPage(path, text, alone)).toBe(expected)
  })

  it('links of README are addresses where the repository has one, because npm shows it elsewhere', () => {
    expect(packPage('README.md', '[b](docs/b.md#x)', known)).toBe(`[b](${blob}/docs/b.md#x)`)
    expect(packPage('docs/a.md', '[b](b.md#x)', known)).toBe('[b](b.md#x)')
  })
})

describe('to other files', () => {
  it('are addresses where the repository has one', () => {
    expect(packPage('docs/a.md', 'See [code](../lib/x.ts#L3).', known)).toBe(
      `See [code](${blob}/lib/x.ts#L3).`,
    )
    expect(packPage('README.md', '[all](examples/minimal)', known)).toBe(
      '[all](https://github.com/o/r/tree/v1.0.0/examples/minimal)',
    )
    expect(packPage('docs/a.md', '![A [1] picture](p/a.png)', known)).toBe(
      '![A [1] picture](https://raw.githubusercontent.com/o/r/v1.0.0/docs/p/a.png)',
    )
  })

  it('are found between code spans, of which one is broken over two lines', () => {
    expect(packPage('docs/a.md', '`a\nb` and [c](c.md) and `d`', alone)).toBe(
      '`a\nb` and c and `d`\n\nIn the repository of this library, not in the package: `docs/c.md`.\n',
    )
  })

  it('are plain text where it has none, and the end of the page says where they are', () => {
    const text =
      'As [lib/x.ts](../lib/x.ts) and [the example](../examples/minimal) do. [Again](../lib/x.ts#L3).\n'
    expect(packPage('docs/a.md', text, alone)).toBe(
      `As lib/x.ts and the example do. Again.

In the repository of this library, not in the package: \`lib/x.ts\`, \`examples/minimal\`.
`,
    )
  })

  it('go with a sentence or parenthesis that only names a decision', () => {
    const decision = 'decisions/0008-a.md'
    const text = `It is so\n([decision 8](${decision})). [Decision 8](${decision}) has the\nreasons. More.\n`
    expect(packPage('docs/a.md', text, alone)).toBe('It is so. More.\n')
    expect(packPage('docs/a.md', `a\n\n[Decision 8](${decision}) explains it.\n\nb\n`, alone)).toBe(
      'a\n\nb\n',
    )
  })

  it('go with a parenthesis that only names a test, and with a row that offers nothing else', () => {
    expect(packPage('docs/a.md', 'It ends\n  ([test](../t.ts)). So ([tests](../t)) it is.', alone)).toBe(
      'It ends. So it is.',
    )
    const table = '| To | Read |\n|---|---|\n| x | [b](b.md) |\n| y | [c](c.md), [D](decisions) |\n'
    expect(packPage('docs/a.md', table, alone)).toBe('| To | Read |\n|---|---|\n| x | [b](b.md) |\n')
  })

  it('go from a list of links in a table, of which the others stay', () => {
    const table = '| To | Read |\n|---|---|\n| x | [b](b.md), [C](c.md), [D](decisions) |\n'
    expect(packPage('docs/a.md', table, alone)).toBe('| To | Read |\n|---|---|\n| x | [b](b.md) |\n')
  })

  it('go with lines and tables of nothing but pictures', () => {
    const text = 'a\n\n![x](p/x.png)\n\n| X | Y |\n|---|---|\n| ![x](p/x.png) | ![y](p/y.png) |\n\nb\n'
    expect(packPage('docs/a.md', text, alone)).toBe('a\n\nb\n')
  })
})

it.each([
  '[w](https://x.y/z) [m](mailto:a@b.c) [h](#here)',
  '```md\n[c](c.md) ![p](p.png)\n```',
  '````md\n```ts\n[c](c.md)\n```\n[c](c.md)\n````',
  "`handlers['x'](y)` and ``a `[b](c)` d`` and `a\nb`",
])('leaves %j as it is', (text) => {
  expect(packPage('docs/a.md', text, alone)).toBe(text)
})
