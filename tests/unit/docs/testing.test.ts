/** docs/testing.md shows the files of examples/testing, whose tests run in tests/package/testing-example.test.ts. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocksOf } from '../../../tools/docs/code-blocks.ts'
import { readPages } from '../../../tools/docs/pages.ts'
import { root } from '../../../tools/docs/source.ts'
import { codeOf } from '../../support/package/readme.ts'

const page = 'docs/testing.md'
const blocks = codeBlocksOf({ path: page, text: readFileSync(join(root, page), 'utf8') })
const files = blocks.filter(({ path }) => path !== undefined)

describe('the files of docs/testing.md', () => {
  it('are there', () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'auth.ts',
        'vitest.config.mts',
        'playwright.config.ts',
        'tests/start-network.ts',
      ]),
    )
  })

  it.each(files)('are those of the example: $path', ({ path = '', code }) => {
    const file = join(root, 'examples/testing', path)
    expect(existsSync(file), path).toBe(true)
    expect(codeOf(code)).toBe(codeOf(readFileSync(file, 'utf8')))
  })
})

it("no test looks for an alert by its role: Next's route announcer is one on every page", () => {
  const found = readPages()
    .flatMap(codeBlocksOf)
    .filter(({ code }) => code.includes("getByRole('alert')"))
  expect(found).toEqual([])
})
