/** `init` in a folder that somebody else made: it ends no session, leaks no secret and writes nowhere else. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseEnvText } from '../../../../lib/cli/project/env-text.ts'
import { createTerminal, type Files, newApp, type TestTerminal } from '../../../support/unit/terminal.ts'

const MINE = 'mine-mine-mine-mine-mine-mine-mine-mine-mine'
const at = (terminal: TestTerminal, path: string) => join(terminal.folder, path)

/** A terminal in the folder `app`, with more files beside it. */
function besides(files: Files) {
  const outer = createTerminal({ files })
  const terminal = createTerminal({ files: newApp })
  return { outer, terminal }
}

describe('a secret that is there', () => {
  it.each([
    ['behind an empty variable with spaces', `OTHER=  \nATPROTO_SECRET=${MINE}\n`],
    ['behind a byte order mark', `\ufeffATPROTO_SECRET=${MINE}\n`],
    ['after a colon', `ATPROTO_SECRET: ${MINE}\n`],
    ['after a tab', `export\tATPROTO_SECRET=${MINE}\n`],
    ['behind an apostrophe', `NAME='it's'\nATPROTO_SECRET=${MINE}\n`],
    ['in lines of an old Mac', `OTHER=1\rATPROTO_SECRET=${MINE}\r`],
  ])('is kept %s, as Next.js reads it', async (_, text) => {
    const terminal = createTerminal({ files: { ...newApp, '.env.local': text } })
    expect(await terminal.run('init', '--force')).toBe(0)
    const after = terminal.read('.env.local')
    expect(parseEnvText(after)).toMatchObject({ ATPROTO_SECRET: MINE })
    expect(after.match(/ATPROTO_SECRET/g)).toHaveLength(1)
  })
})

describe('a secret that is new', () => {
  it('is not written into a file that git tracks, nor is anything else', async () => {
    const terminal = createTerminal({ files: { ...newApp, '.env.local': 'OTHER=1\n' } })
    for (const args of [
      ['init', '-q'],
      ['add', '-f', '.env.local'],
    ])
      expect(spawnSync('git', args, { cwd: terminal.folder }).status).toBe(0)
    expect(await terminal.run('init', '--yes')).toBe(1)
    expect(terminal.printedErrors()).toContain('git tracks .env.local')
    expect([terminal.read('.env.local'), existsSync(at(terminal, 'auth.ts'))]).toEqual(['OTHER=1\n', false])
  })

  it('is not written into a tracked file below the folder of the repository', async () => {
    const outer = createTerminal({ files: { 'apps/web/.env.local': '' } })
    for (const [path, text] of Object.entries(newApp)) {
      mkdirSync(join(outer.folder, 'apps/web', path, '..'), { recursive: true })
      writeFileSync(join(outer.folder, 'apps/web', path), text)
    }
    for (const args of [
      ['init', '-q'],
      ['add', '-f', '.'],
    ])
      spawnSync('git', args, { cwd: outer.folder })
    const terminal = { ...createTerminal(), folder: join(outer.folder, 'apps/web') }
    const { runCommandLine } = await import('../../../../lib/cli/command-line.ts')
    expect(await runCommandLine(['init', '--yes'], terminal)).toBe(1)
    expect(terminal.printedErrors()).toContain('git tracks .env.local')
  })

  it.each([
    '.env*\n!.env.local\n',
    '.env.local\n!.env*.local\n',
    '.env*\n!*\n',
    '.env*\n!.[e]nv.l?cal\n![\n',
  ])('is ignored by git, whatever .gitignore takes back: %j', async (text) => {
    const terminal = createTerminal({ files: { ...newApp, '.gitignore': text } })
    spawnSync('git', ['init', '-q'], { cwd: terminal.folder })
    await terminal.run('init', '--yes')
    const { stdout } = spawnSync('git', ['status', '--short', '-uall'], { cwd: terminal.folder })
    expect(String(stdout)).toContain('?? auth.ts')
    expect(String(stdout)).not.toContain('.env.local')
  })

  it('is ignored by git where .env.local leads', async () => {
    const terminal = createTerminal({ files: { ...newApp, 'kept/env': 'OTHER=1\n' } })
    spawnSync('git', ['init', '-q'], { cwd: terminal.folder })
    symlinkSync('kept/env', at(terminal, '.env.local'))
    await terminal.run('init', '--yes')
    expect(terminal.read('kept/env')).toContain('ATPROTO_SECRET=')
    const { stdout } = spawnSync('git', ['status', '--short', '-uall'], { cwd: terminal.folder })
    expect(String(stdout)).not.toContain('kept/env')
  })

  it('is ignored by git where .env.local leads, whatever that name means to git', async () => {
    const target = 'kept [a-z]/a*.env'
    const terminal = createTerminal({ files: { ...newApp, [target]: '' } })
    spawnSync('git', ['init', '-q'], { cwd: terminal.folder })
    symlinkSync(target, at(terminal, '.env.local'))
    await terminal.run('init', '--yes')
    expect(terminal.read(target)).toContain('ATPROTO_SECRET=')
    const { stdout } = spawnSync('git', ['status', '--short', '-uall'], { cwd: terminal.folder })
    expect(String(stdout)).not.toContain('kept')
  })

  it.each(['public/leak.txt', 'bashrc', 'x\n!.env*.local\n.env'])(
    'is not written to %s, where .env.local leads',
    async (target) => {
      const terminal = createTerminal({ files: { ...newApp, [target]: 'before\n' } })
      symlinkSync(target, at(terminal, '.env.local'))
      expect(await terminal.run('init', '--yes')).toBe(1)
      expect(terminal.printedErrors()).toContain('.env.local leads to')
      expect([terminal.read(target), existsSync(at(terminal, 'auth.ts'))]).toEqual(['before\n', false])
    },
  )
})

describe('a link out of the folder', () => {
  it.each([
    ['a file', 'auth.ts'],
    ['.gitignore', '.gitignore'],
    ['next.config', 'next.config.ts'],
  ])('is not followed for %s, not even with --force', async (_, path) => {
    const { outer, terminal } = besides({ stranger: newApp[path] ?? '// calls createAtprotoAuth\n' })
    const before = outer.read('stranger')
    spawnSync('rm', ['-f', path], { cwd: terminal.folder })
    symlinkSync(join(outer.folder, 'stranger'), at(terminal, path))
    expect(await terminal.run('init', '--force')).toBe(1)
    expect(terminal.printedErrors()).toContain(`${path} leads out of this folder`)
    expect(outer.read('stranger')).toBe(before)
    expect(existsSync(at(terminal, 'app/oauth'))).toBe(false)
  })

  it('is not followed for a folder', async () => {
    const { outer, terminal } = besides({ 'strange/file': '' })
    symlinkSync(join(outer.folder, 'strange'), at(terminal, 'app/oauth'))
    expect(await terminal.run('init', '--yes')).toBe(1)
    expect(existsSync(join(outer.folder, 'strange/[...atproto]'))).toBe(false)
  })

  it('creates nothing at the end of a link that leads nowhere', async () => {
    const { outer, terminal } = besides({})
    symlinkSync(join(outer.folder, 'new'), at(terminal, 'auth.ts'))
    expect(await terminal.run('init', '--force')).toBe(1)
    expect(existsSync(join(outer.folder, 'new'))).toBe(false)
    expect(readlinkSync(at(terminal, 'auth.ts'))).toBe(join(outer.folder, 'new'))
  })

  it('is followed within the folder', async () => {
    const terminal = createTerminal({
      files: { ...newApp, 'config/next.ts': newApp['next.config.ts'] ?? '' },
    })
    spawnSync('rm', ['next.config.ts'], { cwd: terminal.folder })
    symlinkSync('config/next.ts', at(terminal, 'next.config.ts'))
    expect(await terminal.run('init', '--yes')).toBe(0)
    expect(terminal.read('config/next.ts')).toContain('allowedDevOrigins')
  })
})

describe('a file in another encoding', () => {
  it.each(['.env.local', '.gitignore', 'next.config.ts'])('is not damaged: %s', async (path) => {
    const terminal = createTerminal({ files: newApp })
    const bytes = Buffer.from('PASSWORD=p\xe4ss\n', 'latin1')
    writeFileSync(at(terminal, path), bytes)
    expect(await terminal.run('init', '--yes')).toBe(1)
    expect(terminal.printedErrors()).toContain(`${path} is not UTF-8`)
    expect(readFileSync(at(terminal, path))).toEqual(bytes)
    expect(existsSync(at(terminal, 'auth.ts'))).toBe(false)
  })
})

describe('a package.json', () => {
  const path = 'node_modules/next/package.json'
  it.each(['\u001b]0;pwned\u0007{', '[]', '{"version":7}'])(
    'of Next.js that is none is a clear error, and controls no terminal: %j',
    async (text) => {
      const terminal = createTerminal({ files: { ...newApp, [path]: text } })
      expect(await terminal.run('init', '--yes')).toBe(1)
      expect(terminal.printedErrors()).toMatch(/next\/package\.json is not a valid package\.json\. .*\n$/)
      expect(terminal.printedErrors()).not.toContain('\u001b')
    },
  )

  it('may begin with a byte order mark, as npm allows', async () => {
    const text = `\ufeff${newApp['package.json']}`
    const terminal = createTerminal({ files: { ...newApp, 'package.json': text } })
    expect(await terminal.run('init', '--dry-run')).toBe(0)
  })
})

it('writes a name of several lines as a text, not as code', async () => {
  const terminal = createTerminal({ files: newApp })
  await terminal.run('init', '--yes', '--name', `it's "a"\nb\\`)
  expect(terminal.read('auth.ts')).toContain(String.raw`clientName: 'it\'s "a"\nb\\', scope`)
})
