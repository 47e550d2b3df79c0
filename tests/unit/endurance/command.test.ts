/** The frame of the long runs, in processes of its own: what is played, kept, played again and reported. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { How } from '../../support/unit/endurance-program.ts'

const program = join(import.meta.dirname, '../../support/unit/endurance-program.ts')

/** A repository with one commit, and the command in it. */
function createRepository() {
  const root = mkdtempSync(join(tmpdir(), 'endurance-test-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root })
  const commit = () => git('commit', '--quiet', '--allow-empty', '--message', 'a commit')
  git('init', '--quiet')
  commit()

  function start(args: readonly string[], how: Readonly<Record<string, How>> = {}) {
    const child = spawn(process.execPath, ['--no-warnings', program, root, ...args], {
      cwd: root,
      // A group of its own, as a terminal gives it to a command.
      detached: true,
      env: { ...process.env, HOW: JSON.stringify(how) },
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const ended = once(child, 'close').then(([code]) => ({ code: Number(code), output }))
    return { ended, pressCtrlC: () => process.kill(-Number(child.pid), 'SIGINT') }
  }

  return {
    root,
    git,
    commit,
    start,
    run: (args: readonly string[], how?: Readonly<Record<string, How>>) => start(args, how).ended,
    /** The parts that were begun since the last time, in order. */
    played() {
      const path = join(root, 'played')
      const names = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
      rmSync(path, { force: true })
      return names
    },
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(20)
}

const all = ['first', 'second', 'third']

describe('a run', () => {
  it('plays its parts, adds up their counts and says that nothing was lost', async () => {
    const { run, played } = createRepository()
    const { code, output } = await run(['sample'])
    expect(played()).toEqual(all)
    expect(output).toContain('| redis | 3 | 3 | 0 |')
    expect(output).toContain('Nothing was lost.')
    expect(code).toBe(0)
  })

  it('ends with 1 when something was lost, also when it is only told again', async () => {
    const { run, played } = createRepository()
    for (const begun of [all, []]) {
      const { code, output } = await run(['sample'], { second: 'lose' })
      expect(played()).toEqual(begun)
      expect(output).toContain('lost: redis, second: a session ended')
      expect(output).toContain('| redis | 3 | 3 | 1 |')
      expect(code).toBe(1)
    }
  })

  it('reports a part that throws, plays the others, and plays only that part the next time', async () => {
    const { run, played } = createRepository()
    const failed = await run(['sample'], { second: 'throw' })
    expect(played()).toEqual(all)
    expect(failed.output).toMatch(/redis, second: failed: .*there is no such store/)
    expect(failed.output).toContain('1 of 3 parts failed')
    expect(failed.code).toBe(1)
    expect((await run(['sample'])).code).toBe(0)
    expect(played()).toEqual(['second'])
  })

  it('gives up a part that hangs', async () => {
    const { code, output } = await createRepository().run(['hanging'])
    expect(output).toContain('redis, only did not end within 0.001 minutes.')
    expect(code).toBe(1)
  })
})

describe('a run that was stopped by Ctrl-C', () => {
  /** Stopped in its second part. */
  async function stop(how: How = 'wait') {
    const repository = createRepository()
    const { ended, pressCtrlC } = repository.start(['sample'], { second: how })
    const path = join(repository.root, how === 'wait' ? 'played' : 'started')
    await until(() => existsSync(path) && /second|]/.test(readFileSync(path, 'utf8')))
    return { ...repository, ended, pressCtrlC }
  }

  it('goes on with the part that was under way', async () => {
    const { ended, pressCtrlC, run, played } = await stop()
    pressCtrlC()
    expect(await ended).toMatchObject({
      code: 130,
      output: expect.stringContaining('The same command goes on'),
    })
    expect(played()).toEqual(['first', 'second'])
    expect(await run(['sample'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('2 of 3 parts to play.'),
    })
    expect(played()).toEqual(['second', 'third'])
  })

  it('leaves no Redis behind, not even one that is suspended, and no folder', async () => {
    const { root, ended, pressCtrlC } = await stop('wait with a Redis')
    const [port, folder] = JSON.parse(readFileSync(join(root, 'started'), 'utf8'))
    expect(existsSync(folder)).toBe(true)
    expect(await isListening(port)).toBe(true)
    pressCtrlC()
    // npm passes it on, so that it comes twice.
    pressCtrlC()
    expect((await ended).code).toBe(130)
    expect(existsSync(folder)).toBe(false)
    expect(await isListening(port)).toBe(false)
  })
})

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

describe('a finished run', () => {
  it('is not played a second time', async () => {
    const { run, played } = createRepository()
    await run(['sample'])
    played()
    expect(await run(['sample'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('| redis | 3 | 3 |'),
    })
    expect(played()).toEqual([])
  })

  it.each([
    ['of another commit', ({ commit }: ReturnType<typeof createRepository>) => void commit(), []],
    ['of another scale', () => undefined, ['--scale', '0.5']],
    ['with --restart', () => undefined, ['--restart']],
    [
      'of changed files',
      ({ root, git }: ReturnType<typeof createRepository>) => {
        writeFileSync(join(root, 'package-lock.json'), '{}')
        git('add', '.')
      },
      [],
    ],
  ])('begins again %s', async (_, change, args) => {
    const repository = createRepository()
    await repository.run(['sample'])
    repository.played()
    change(repository)
    expect((await repository.run(['sample', ...args])).code).toBe(0)
    expect(repository.played()).toEqual(all)
  })

  it('keeps the results of two scales', async () => {
    const { run, played } = createRepository()
    await run(['sample'])
    await run(['sample', '--scale', '0.5'])
    played()
    await run(['sample'])
    expect(played()).toEqual([])
  })
})

describe('the command line', () => {
  it('lists the runs and their options', async () => {
    const { code, output } = await createRepository().run(['--help'])
    expect(output).toMatch(/sample +a run of three parts.*single with other options.*--size 1/s)
    expect(code).toBe(0)
  })

  it.each([
    [[], 'npm run endurance -- <name>'],
    [['unknown'], 'npm run endurance -- <name>'],
    [['sample', '--scale', '0'], '--scale is a number above 0 and up to 1'],
    [['sample', '--scale', '2'], '--scale is a number above 0 and up to 1'],
    [['sample', '--scale', 'half'], '--scale is a number above 0 and up to 1'],
    [['sample', '--size', '3'], 'There is no option --size.'],
  ])('refuses %j and plays nothing', async (args, message) => {
    const { run, played } = createRepository()
    const { code, output } = await run(args)
    expect(output).toContain(message)
    expect(code).toBe(1)
    expect(played()).toEqual([])
  })

  it('hands the options of a run to it, tells what was lost, and keeps nothing', async () => {
    const { root, run } = createRepository()
    const { code, output } = await run(['single', '--size', '3'])
    expect(output).toContain('lost: alone: --size 3')
    expect(code).toBe(1)
    expect(existsSync(join(root, '.results'))).toBe(false)
  })
})
