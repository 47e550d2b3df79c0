import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isTracked } from '../../../../lib/cli/project/git-index.ts'
import { createTerminal } from '../../../support/unit/terminal.ts'

const NAMES = ['.env', '.env.local', 'apps/web/.env.local', `${'long/'.repeat(40)}.env`]

function git(folder: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
  expect(spawnSync('git', [...identity, ...args], { cwd: folder }).status, args.join(' ')).toBe(0)
}

function newRepository() {
  const { folder } = createTerminal({ files: Object.fromEntries(NAMES.map((name) => [name, ''])) })
  git(folder, 'init', '-q')
  return folder
}

it('knows which files git tracks', async () => {
  const folder = newRepository()
  expect(await isTracked(join(folder, '.env'))).toBe(false)
  git(folder, 'add', '-f', 'apps', 'long')
  const tracked = await Promise.all(NAMES.map((name) => isTracked(join(folder, name))))
  expect(tracked).toEqual([false, false, true, true])
  git(folder, 'rm', '-q', '--cached', 'apps/web/.env.local')
  expect(await isTracked(join(folder, 'apps/web/.env.local'))).toBe(false)
})

it('knows it of a name that is only intended to be added', async () => {
  const folder = newRepository()
  git(folder, 'add', '-f', '-N', '.env')
  expect(await isTracked(join(folder, '.env'))).toBe(true)
})

it('knows it in a worktree', async () => {
  const folder = newRepository()
  git(folder, 'add', '-f', '.env')
  git(folder, 'commit', '-q', '-m', 'first')
  git(folder, 'worktree', 'add', '-q', 'other')
  expect(await isTracked(join(folder, 'other/.env'))).toBe(true)
  expect(await isTracked(join(folder, 'other/.env.local'))).toBe(false)
})

it('finds nothing outside of a repository', async () => {
  const { folder } = createTerminal({ files: { '.env': '', '.git/index': '.env\0' } })
  expect(await isTracked(join(folder, '.env'))).toBe(false)
})
