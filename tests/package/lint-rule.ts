/** The lint rule in the application of the quick start, with the ESLint and the parser that create-next-app chose. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askingFiles, namedFiles, silentFiles } from '../support/lint-cases.ts'
import { addLintRule, lintCases, lintFolder } from '../support/package/lint-rule.ts'
import { runIn } from '../support/package/npm.ts'

/** What a developer adds, and forgets the session. */
const forgetful: Readonly<Record<string, string>> = {
  'app/notes/page.tsx': 'export default function Notes() {\n  return <p>Notes</p>\n}\n',
  'app/api/notes/route.ts': 'export const GET = async (): Promise<Response> => Response.json([])\n',
  'lib/actions.ts': "'use server'\n\nexport async function clear(): Promise<void> {}\n",
}

const typed = `import { defineConfig } from 'eslint/config'
import type { ESLint } from 'eslint'
import atprotoAuth, { type RequireSessionRuleOptions } from 'next-atproto-auth/eslint'

const options: RequireSessionRuleOptions = { functions: ['currentMember'] }
export const plugin: ESLint.Plugin = atprotoAuth
export default defineConfig({
  plugins: { 'next-atproto-auth': atprotoAuth },
  rules: { 'next-atproto-auth/require-session': ['error', options] },
})
`

/** Tests of the application that README's own tests have made. */
export function tryLintRule(place: () => { readonly folder: string }): void {
  describe('with the rule as the documentation configures it', () => {
    let takeBack: () => Promise<void>

    beforeEach(async () => {
      takeBack = await addLintRule(place().folder)
    })

    afterEach(() => takeBack())

    it('X1: nothing is reported in the files of README', async () => {
      expect(await lintFolder(place().folder)).toEqual([])
    })

    it('X1: a page, a route and an action that anyone could call once the proxy is skipped are reported', async () => {
      const { folder } = place()
      for (const [path, text] of Object.entries(forgetful)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      const reports = await lintFolder(folder)
      for (const path of Object.keys(forgetful)) await rm(join(folder, path))
      expect(reports.toSorted()).toEqual([
        'app/api/notes/route.ts:1 next-atproto-auth/require-session',
        'app/notes/page.tsx:1 next-atproto-auth/require-session',
        'lib/actions.ts:3 next-atproto-auth/require-session',
      ])
    })
  })

  it('is a plugin to the types of that ESLint too', async () => {
    const { folder } = place()
    await writeFile(join(folder, 'plugin.ts'), typed)
    const compiling = runIn(folder, join(folder, 'node_modules/.bin/tsc'), ['--noEmit'])
    await compiling.finally(() => rm(join(folder, 'plugin.ts')))
    expect(await compiling).toBe('')
  })

  it('X1: finds with the parser of new applications what it finds with the other one', async () => {
    const cases = [...silentFiles, ...askingFiles, ...namedFiles]
    const found = await lintCases(place().folder, cases)
    const told = (reports: readonly (readonly string[])[]) =>
      cases.map(({ title, path }, index) => `${title} in ${path}: ${reports[index]?.join(', ')}`)
    expect(told(found)).toEqual(told(cases.map(({ reports }) => reports)))
  })
}
