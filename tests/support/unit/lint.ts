/** ESLint with the rule and a parser that reads TypeScript. */
import { createRequire } from 'node:module'
import { type ESLint, Linter } from 'eslint'
import plugin from '../../../lib/eslint/index.ts'

interface BabelParser {
  parseForESLint(text: string, options: object): Linter.ESLintParseResult
}

/**
 * That of eslint-config-next for JavaScript. That for TypeScript does not run on this repository's compiler:
 * tests/package/quick-start.test.ts has it.
 */
const babel: BabelParser = createRequire(import.meta.url)('next/dist/compiled/babel/eslint-parser')

const parser: Linter.Parser = {
  parseForESLint(text: string, options: object) {
    // ESLint 10 asks more of a scope manager than this one does, and has its own.
    const { scopeManager: _, ...parsed } = babel.parseForESLint(text, options)
    return parsed
  },
}

const parserOptions = { requireConfigFile: false, babelOptions: { presets: ['next/babel'], caller: {} } }

/** What an application adds to its configuration. */
export const ruleConfig = (functions: readonly string[] = []): Linter.Config => ({
  plugins: { 'next-atproto-auth': plugin satisfies ESLint.Plugin },
  rules: { 'next-atproto-auth/require-session': ['error', { functions: [...functions] }] },
})

/** The messages for a file that need not be there. */
export function lint(
  text: string,
  path: string,
  config: Linter.Config,
  cwd = '/',
): readonly Linter.LintMessage[] {
  const files = ['**/*.{js,jsx,ts,tsx}']
  const configs = [
    { files, languageOptions: { parser, parserOptions } },
    { files, ...config },
  ]
  return new Linter({ cwd }).verify(text, configs, { filename: path })
}
