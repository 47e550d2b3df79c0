/** What readers copy compiles. */
import { describe, expect, it } from 'vitest'
import { checkCodeBlocks, codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { readPages } from '../../../tools/docs/pages.ts'

describe('the TypeScript of README.md and docs/', () => {
  it('compiles, each block beside the files that its page has shown', { timeout: 300_000 }, async () => {
    expect(readPages().flatMap(codeBlocksOf).length).toBeGreaterThan(50)
    expect(await checkCodeBlocks()).toBe('')
  })

  it('is marked so that it is checked', () => {
    const marks = readPages().flatMap(({ path, text }) =>
      [...text.matchAll(/^ *```(\w+)$/gm)].map(([, mark]) => `${mark} in ${path}`),
    )
    const unchecked = marks.filter((mark) => /^(typescript|javascript|js|jsx) /.test(mark))
    // Signatures, which are copies of the sources.
    expect([...new Set(unchecked)]).toEqual(['typescript in docs/api.md'])
  })
})

it('takes a block for the file that its first line names, and any other for a piece', () => {
  const text = 'a\n\n```ts\n// auth.ts\nx\n```\n\n```tsx\n// auth.ts, in part\ny\n```\n'
  expect(codeBlocksOf({ path: 'docs/a.md', text })).toEqual([
    { page: 'docs/a.md', line: 4, language: 'ts', code: '// auth.ts\nx\n', path: 'auth.ts' },
    { page: 'docs/a.md', line: 9, language: 'tsx', code: '// auth.ts, in part\ny\n', path: undefined },
  ])
})
