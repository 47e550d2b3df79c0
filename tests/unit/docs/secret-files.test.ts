/** Files with secrets that the documentation names: git, the image and Next.js do not take them. */
import { describe, expect, it } from 'vitest'
import { readPages } from '../../../tools/docs/pages.ts'

const named = readPages().flatMap(({ path, text }) =>
  [...text.matchAll(/(?:--env-file(?:-if-exists)?[= ]|next-atproto-auth keys >>? )([^\s`]+)/g)].map(
    ([, file = '']) => [file, path] as const,
  ),
)

describe('a file with secrets', () => {
  it('is named by several pages', () => {
    expect(named.length).toBeGreaterThan(3)
  })

  // create-next-app's .gitignore and the .dockerignore of docs/deployment.md have `.env*`; a standalone build has a copy
  // of .env and of .env.production.
  it.each(named)('has a name that is ignored, and that no build copies: %s in %s', (file) => {
    expect(file).toMatch(/^\.env\.(?!(production|development|test)$)/)
  })

  it('is ignored by the image', () => {
    const deployment = readPages().find(({ path }) => path === 'docs/deployment.md')
    expect(deployment?.text).toMatch(/^# \.dockerignore\n(?:.+\n)*\.env\*$/m)
  })
})
