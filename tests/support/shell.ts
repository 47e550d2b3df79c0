/**
 * Somebody at a terminal: runs the command line as a process of its own, in a folder of its own, and keeps all that
 * it shows.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { LocalNetwork } from './network/network.ts'

const script = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  /** The URL that it shows, once it does. */
  readonly url: Promise<URL>
  readonly ended: Promise<Ended>
  /** Ctrl-C. */
  interrupt(): void
}

export interface ShellOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Loaded by each process before the program. */
  readonly preload?: string
  /** Both outputs in the order in which they are written, as a terminal shows them: all is then on `stdout`. */
  readonly isMerged?: boolean
}

export interface Shell {
  readonly folder: string
  /** Runs a command to its end, with that standard input. */
  run(args: readonly string[], input?: string): Promise<Ended>
  /** Runs one that waits. */
  start(args: readonly string[], input?: string): Running
  /** All that was shown so far, by all commands. */
  shown(): string
}

/**
 * A shell in a new folder, which is gone after the test. Nothing of this process's environment is in it but PATH, and
 * where Node.js keeps what it has compiled.
 */
export function openShell({ env = {}, preload, isMerged = false }: ShellOptions = {}): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-shell-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const nodeArgs = preload ? ['--import', preload] : []
  const { PATH, NODE_COMPILE_CACHE } = process.env
  let shown = ''

  function start(args: readonly string[], input = ''): Running {
    const command = [process.execPath, ...nodeArgs, script, ...args]
    const child = spawn('sh', ['-c', `exec "$0" "$@"${isMerged ? ' 2>&1' : ''}`, ...command], {
      cwd: folder,
      env: { PATH, NODE_COMPILE_CACHE, HOME: folder, NODE_ENV: 'production', ...env },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const url = Promise.withResolvers<URL>()
    const seen = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        shown += chunk
        seen[name] += chunk
        const [found] = /https?:\/\/\S+\/oauth\/authorize\?[^\s"]+(?=[\s"])/.exec(seen[name]) ?? []
        if (found) url.resolve(new URL(found))
      })
    }
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
    child.stdin.end(input)
    const ended = exit.then((code) => {
      url.reject(new Error(`No URL was shown: ${seen.stdout}${seen.stderr}`))
      return { code, ...seen }
    })
    // Most commands show none.
    url.promise.catch(() => undefined)
    return { url: url.promise, ended, interrupt: () => void child.kill('SIGINT') }
  }

  return { folder, run: (args, input) => start(args, input).ended, start, shown: () => shown }
}

/** What `login` has to be told to reach the local network; the session keeps it. */
export function networkArgs({ plcUrl, handleResolverUrl }: LocalNetwork): readonly string[] {
  return ['--allow-http', '--plc-directory', plcUrl, '--handle-resolver', handleResolverUrl]
}
