/** docs/connect.md shows the job of examples/connect, which runs in tests/package/connect-example.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { root } from '../../../tools/docs/source.ts'
import { codeOf } from '../../support/package/readme.ts'

const page = 'docs/connect.md'
const blocks = codeBlocksOf({ path: page, text: readFileSync(join(root, page), 'utf8') })

it.each(['jobs/post-for-all.ts', 'jobs/post-once.ts'])(
  'the file of the example is that of the page: %s',
  (path) => {
    const shown = blocks.filter((block) => block.path === path)
    expect(shown).toHaveLength(1)
    const file = readFileSync(join(root, 'examples/connect', path), 'utf8')
    expect(codeOf(shown[0]?.code ?? '')).toBe(codeOf(file))
  },
)
