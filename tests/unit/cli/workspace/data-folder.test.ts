/** The command line in a folder that was there before it, with git looking on. */
import { execFileSync } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createTerminal, type TestTerminal } from '../../../support/unit/terminal.ts'

/** What git would take along with `git add .`. */
function seenByGit({ folder }: TestTerminal): readonly string[] {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
  git('init', '--quiet')
  return git('ls-files', '--others', '--exclude-standard').split('\n').filter(Boolean).toSorted()
}

it('hides secret and sessions from git in a folder that was there, and nothing else in it', async () => {
  const terminal = createTerminal({ files: { 'bot/notes.txt': 'mine' } })
  chmodSync(join(terminal.folder, 'bot'), 0o755)
  expect(await terminal.run('accounts', '--data-dir', 'bot')).toBe(0)
  expect(seenByGit(terminal)).toEqual(['bot/.gitignore', 'bot/notes.txt'])
  const modes = ['bot', 'bot/secret', 'bot/sessions.sqlite'].map((path) =>
    (statSync(join(terminal.folder, path)).mode & 0o777).toString(8),
  )
  // The folder's own mode is its owner's affair; what is made in it is private.
  expect(modes).toEqual(['755', '600', '600'])
})

it('leaves a .gitignore that is there as it is', async () => {
  const terminal = createTerminal({ files: { 'bot/.gitignore': 'secret\nsessions.*\n' } })
  expect(await terminal.run('accounts', '--data-dir', 'bot')).toBe(0)
  expect(terminal.read('bot/.gitignore')).toBe('secret\nsessions.*\n')
})

it('does not write it again for somebody who has deleted it', async () => {
  const terminal = createTerminal({ files: { 'bot/secret': `${'s'.repeat(43)}\n` } })
  expect(await terminal.run('accounts', '--data-dir', 'bot')).toBe(0)
  expect(() => terminal.read('bot/.gitignore')).toThrow('ENOENT')
})
