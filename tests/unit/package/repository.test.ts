/** The one value in package.json from which links become addresses. */
import { describe, expect, it } from 'vitest'
import { parseRepository } from '../../../tools/package/repository.ts'

describe('parseRepository', () => {
  it.each([
    'github:example/sign-in',
    'example/sign-in',
    'https://github.com/example/sign-in',
    'git+https://github.com/example/sign-in.git',
    'git+ssh://git@github.com/example/sign-in.git',
    'git@github.com:example/sign-in.git',
    { type: 'git', url: 'git+https://github.com/example/sign-in.git' },
  ])('reads %j', (field) => {
    const repository = parseRepository(field, '1.2.3')
    expect(repository?.fileUrl('docs/api.md')).toBe(
      'https://github.com/example/sign-in/blob/v1.2.3/docs/api.md',
    )
    expect(repository?.folderUrl('examples/minimal')).toBe(
      'https://github.com/example/sign-in/tree/v1.2.3/examples/minimal',
    )
    expect(repository?.rawUrl('docs/pictures/a.png')).toBe(
      'https://raw.githubusercontent.com/example/sign-in/v1.2.3/docs/pictures/a.png',
    )
  })

  it('escapes the names of route segments', () => {
    expect(parseRepository('a/b', '1.0.0')?.fileUrl('app/[id]/page.tsx')).toBe(
      'https://github.com/a/b/blob/v1.0.0/app/%5Bid%5D/page.tsx',
    )
  })

  it('knows no address until the owner sets one', () => {
    expect(parseRepository(undefined, '1.2.3')).toBeUndefined()
  })

  it.each(['gitlab:example/sign-in', 'https://codeberg.org/example/sign-in', '', null, {}, 7])(
    'refuses %j, whose links it does not know',
    (field) => {
      expect(() => parseRepository(field, '1.2.3')).toThrow(/Expected a repository on GitHub/)
    },
  )
})
