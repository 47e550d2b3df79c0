/** The documentation inside the package: for people on npm, and for tools that read what is installed. */
import { readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { anchorsOf, linksOf, type Page } from '../../tools/docs/pages.ts'
import { root } from '../support/package/copy-repository.ts'
import { unpack } from '../support/package/unpack.ts'

let files: ReadonlyMap<string, string>
let pages: readonly Page[]

beforeAll(async () => {
  files = await unpack(inject('tarball'))
  pages = [...files].filter(([path]) => /\.(md|txt)$/.test(path)).map(([path, text]) => ({ path, text }))
})

describe('the documentation', () => {
  it('is every page of docs/ but three about the repository, and an index for tools', () => {
    const sources = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
    const leftOut = ['architecture.md', 'conformance.md', 'guards.md']
    const expected = [...sources.filter((name) => !leftOut.includes(name)), 'llms.txt']
    const packed = [...files.keys()].filter((path) => path.startsWith('dist/docs/'))
    expect(packed.sort()).toEqual(expected.map((name) => `dist/docs/${name}`).sort())
  })

  it('is named by package.json, README and the index', () => {
    expect(JSON.parse(files.get('package.json') ?? '').directories).toEqual({ doc: 'dist/docs' })
    expect(files.get('README.md')).toContain('`dist/docs/README.md`')
    expect(files.get('README.md')).toContain('`dist/docs/llms.txt`')
    expect(files.get('dist/docs/llms.txt')).toMatch(/^# next-atproto-auth \d/)
  })

  it('has links only to what is in the package, and to headings that are there', () => {
    const links = pages.flatMap(linksOf)
    const anchors = new Map(pages.map(({ path, text }) => [path, anchorsOf(text)]))
    const broken = links.filter(({ page, target }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      return !files.has(file) || (anchor !== undefined && !anchors.get(file)?.has(anchor))
    })
    expect(links.length).toBeGreaterThan(100)
    expect(broken).toEqual([])
  })

  it('has an index that leads to every page', () => {
    const index = pages.filter(({ path }) => path === 'dist/docs/llms.txt')
    const named = new Set(
      index.flatMap(linksOf).map(({ target }) => join('dist/docs', target.split('#')[0] ?? '')),
    )
    const docs = [...files.keys()].filter((path) => /^dist\/docs\/.*\.md$/.test(path))
    expect(docs.filter((path) => !named.has(path))).toEqual([])
  })

  it('has no picture and no invented address while the repository has none', () => {
    const text = pages.map((page) => page.text).join('\n')
    expect(text).not.toMatch(/!\[[^\]]*\]\((?!https:)/)
    expect(text).not.toMatch(/github(usercontent)?\.com\/[^/\s]+\/next-atproto-auth/)
  })
})
