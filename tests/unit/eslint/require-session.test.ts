/** The rule `require-session` in the newest ESLint, on files as people write them. */
import type { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import { askingFiles, type LintCase, namedFiles, silentFiles } from '../../support/lint-cases.ts'
import { lint, ruleConfig } from '../../support/unit/lint.ts'

const reportsOf = ({ code, path, functions }: LintCase) =>
  lint(code, path, ruleConfig(functions)).map(
    ({ messageId, line, message }) => `${messageId ?? message} ${line}`,
  )

describe('the rule', () => {
  it.each(silentFiles)('X1 finds what anyone can call once the proxy is skipped: $title in $path', (file) => {
    expect(reportsOf(file)).toEqual(file.reports)
  })

  it.each(askingFiles)('X1 lets what asks for the session pass: $title in $path', (file) => {
    expect(reportsOf(file)).toEqual(file.reports)
  })

  it.each(namedFiles)('X1 takes the application’s word for its own functions: $title', (file) => {
    expect(reportsOf(file)).toEqual(file.reports)
  })

  it('X1 finds a page also where ESLint runs in the folder app', () => {
    const page = 'export default function Page() { return null }'
    const [message] = lint(page, '/notes/app/about/page.tsx', ruleConfig(), '/notes/app')
    expect(message?.messageId).toBe('page')
  })

  it('names the function that it reports, and says what to do', () => {
    const [message] = lint("const remove = async () => { 'use server' }", 'lib/actions.ts', ruleConfig())
    expect(message?.message).toMatch(
      /^remove never asks for the session, and anyone can call .* Call requireSession\(\) or getSession\(\) in it\./,
    )
  })

  it.each([
    ['an unknown option', { names: ['currentMember'] }],
    ['a name that is no text', { functions: [1] }],
  ])('refuses %s', (_, options) => {
    const rules: Linter.RulesRecord = { 'next-atproto-auth/require-session': ['error', options] }
    expect(() => lint('', 'app/page.tsx', { ...ruleConfig(), rules })).toThrow(/require-session/)
  })
})
