/** The rule `require-session` in the newest ESLint, on files as people write them. */
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
})
