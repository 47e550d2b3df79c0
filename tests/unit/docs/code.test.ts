/** What readers copy compiles. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkCodeBlocks, codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { readPages } from '../../../tools/docs/pages.ts'
import { root } from '../../../tools/docs/source.ts'

describe('the TypeScript of README.md and docs/', () => {
  it('compiles, each block beside the files that its page has shown', { timeout: 300_000 }, async () => {
    expect(readPages().flatMap(codeBlocksOf).length).toBeGreaterThan(50)
    expect(await checkCodeBlocks()).toBe('')
  })

  it('needs no package of types that its page does not have its reader install', () => {
    // This repository has them all, so the compiler finds them here.
    const inTemplate = ['node', 'react', 'react-dom']
    const isTyped = (name: string) =>
      existsSync(join(root, 'node_modules/@types', name)) && !inTemplate.includes(name)
    const missing = readPages().flatMap((page) => {
      const code = codeBlocksOf(page).map((block) => block.code)
      const imported = code.flatMap((text) => [...text.matchAll(/ from '([a-z][\w.-]*)/g)])
      const typed = new Set(imported.map(([, name = '']) => name).filter(isTyped))
      const isNamed = (name: string) => page.text.includes(`npm install --save-dev @types/${name}`)
      return [...typed].filter((name) => !isNamed(name)).map((name) => `@types/${name} in ${page.path}`)
    })
    expect(missing).toEqual([])
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
