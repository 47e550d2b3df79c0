/** The rule on whole applications: the reference application and the examples. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../../tools/docs/source.ts'
import { documentedFiles } from '../../support/package/documented-files.ts'
import { lint, ruleConfig } from '../../support/unit/lint.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What is reported in the files of a folder: path, message and name. */
function reportsIn(folder: string, functions: readonly string[]): readonly string[] {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: ['**/{node_modules,.next}/**'] })
  expect(files.length).toBeGreaterThan(3)
  return files.toSorted().flatMap((path) => reportsOf(path, read(path), functions))
}

function reportsOf(path: string, text: string, functions: readonly string[]): readonly string[] {
  const messages = lint(text, path, ruleConfig(functions))
  // Files name rules of eslint-config-next, which is not here.
  const ours = messages.filter(({ message }) => !message.startsWith("Definition for rule '@next/"))
  return ours.map(({ messageId, message, line }) => `${path}:${line} ${messageId ?? message}`)
}

describe('the reference application', () => {
  /** Its functions and components that ask, in app/_data/session.ts and app/compose/compose-card.tsx. */
  const functions = ['readSession', 'requirePerson', 'requirePermission', 'ComposeCard']

  it('X1 asks for the session in every page, route and action but the page that says why nothing was posted', () => {
    expect(reportsIn('app', functions)).toEqual(['app/compose/too-large/page.tsx:7 page'])
  })

  it.each([
    ['app/compose/upload/route.ts', 'auth.getSession()', 'route'],
    ['app/devices/actions.ts', "requirePerson('/devices')", 'action'],
    ['app/timeline/page.tsx', "requirePerson('/timeline')", 'page'],
  ])('X1 would not go without the call in %s unnoticed', (path, call, message) => {
    const without = read(path).replaceAll(call, 'nothing()')
    expect(without).not.toBe(read(path))
    const reports = reportsOf(path, without, functions)
    expect(reports.length).toBeGreaterThan(0)
    for (const report of reports) expect(report).toMatch(new RegExp(` ${message}$`))
  })
})

it('X1 is what the examples do, but for functions that ask for another sign-in or a secret', () => {
  const reports = readdirSync(join(root, 'examples')).flatMap((name) =>
    reportsIn(`examples/${name}/app`, ['currentUser']),
  )
  expect(reports).toEqual([
    // Its own sign-in, beside which it connects accounts.
    'examples/connect/app/actions.ts:10 action',
    'examples/connect/app/actions.ts:15 action',
    'examples/connect/app/actions.ts:20 action',
    'examples/connect/app/job/route.ts:7 route',
  ])
})

it('X1 is what the files of the documentation do, but for those that are for everyone', () => {
  const functions = ['currentUserId', 'withSession']
  const reports = documentedFiles().flatMap(({ path, text }) => reportsOf(path, text, functions))
  expect(reports).toEqual([
    'app/sign-in/page.tsx:5 page',
    'app/sign-in-2/page.tsx:4 page',
    'app/join/page.tsx:4 page',
    // Says whether the store is up, to the machine that asks.
    'app/deployment/app/api/ready/route.ts:6 route',
  ])
})
