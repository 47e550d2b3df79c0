import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findProblems } from './rules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = globSync(['lib/**/*.{ts,tsx}', 'app/**/*.{ts,tsx}', '*.ts'], { cwd: root })
const sources = new Map(files.map((file) => [file, readFileSync(root + file, 'utf8')]))

describe('the sources of lib/ and app/', () => {
  it('are all read', () => {
    expect(files).toEqual(
      expect.arrayContaining(['lib/errors.ts', 'lib/next/middleware.ts', 'auth.ts', 'app/page.tsx']),
    )
  })

  it('keep to their layers', () => {
    expect(findProblems(sources)).toEqual([])
  })
})
