/** The plugin of the package in the ESLint of an application that create-next-app has made. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readPages } from '../../../tools/docs/pages.ts'
import type { LintCase } from '../lint-cases.ts'
import { runIn } from './npm.ts'

/**
 * Changes eslint.config.mjs as docs/next-js.md says.
 *
 * @returns a function that takes the change back
 * @throws Error when create-next-app writes another file than the page shows
 */
export async function addLintRule(folder: string): Promise<() => Promise<void>> {
  const page = readPages().find(({ path }) => path === 'docs/next-js.md')
  const [, diff] = /^```diff\n \/\/ eslint\.config\.mjs\n([\s\S]*?)^```$/m.exec(page?.text ?? '') ?? []
  if (diff === undefined) throw new Error('docs/next-js.md does not say how to configure ESLint.')
  const path = join(folder, 'eslint.config.mjs')
  const text = await readFile(path, 'utf8')
  await writeFile(path, withDiff(text, diff))
  return () => writeFile(path, text)
}

/** A text with the new lines of a diff, each behind the line that the diff shows before it. */
function withDiff(text: string, diff: string): string {
  const lines = text.split('\n')
  let place = 0
  for (const line of diff.trimEnd().split('\n')) {
    const content = line.slice(1)
    if (line.startsWith('+')) lines.splice(place, 0, content)
    else if (!lines.includes(content, place)) throw new Error(`${content}\nis not in\n${text}`)
    place = line.startsWith('+') ? place + 1 : lines.indexOf(content, place) + 1
  }
  return lines.join('\n')
}

const fileSchema = z.array(
  z.object({
    filePath: z.string(),
    messages: z.array(z.object({ ruleId: z.string().nullable(), line: z.number(), message: z.string() })),
  }),
)

/** What the application's own ESLint says: `path:line rule`. */
export async function lintFolder(folder: string): Promise<readonly string[]> {
  // It exits with 1 when it finds something.
  const command = 'node_modules/.bin/eslint --max-warnings 0 --format json || true'
  const results = fileSchema.parse(JSON.parse(await runIn(folder, 'sh', ['-c', command])))
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, line }) => `${filePath.slice(folder.length + 1)}:${line} ${ruleId}`),
  )
}

/** Lints the files in cases.json with the application's ESLint, its parser for TypeScript and the packed plugin. */
const program = `
import { Linter } from 'eslint'
import atprotoAuth from 'next-atproto-auth/eslint'
import { parser } from 'typescript-eslint'
import { readFileSync } from 'node:fs'

const linter = new Linter({ cwd: '/' })
const all = JSON.parse(readFileSync('cases.json', 'utf8')).map(({ code, path, functions = [] }) =>
  linter.verify(code, [{
    files: ['**/*.{js,jsx,ts,tsx}'],
    languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    plugins: { 'next-atproto-auth': atprotoAuth },
    rules: { 'next-atproto-auth/require-session': ['error', { functions }] },
  }], { filename: path }).map(({ messageId, message, line }) => (messageId ?? message) + ' ' + line))
console.log(JSON.stringify(all))
`

/** What the rule reports in each file there. */
export async function lintCases(folder: string, cases: readonly LintCase[]): Promise<readonly string[][]> {
  const [input, script] = [join(folder, 'cases.json'), join(folder, 'lint-cases.mjs')]
  await writeFile(input, JSON.stringify(cases))
  await writeFile(script, program)
  const output = await runIn(folder, process.execPath, ['lint-cases.mjs'])
  await Promise.all([rm(input), rm(script)])
  return z.array(z.array(z.string())).parse(JSON.parse(output))
}
