/**
 * A child process in a process group of its own: its workers end with it, and a Ctrl-C in the terminal
 * reaches only us, so that we decide the order in which things stop.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ProcessGroup {
  /** What the processes printed so far, stdout and stderr as they came; the last four megabytes of it. */
  output(): string
  /** Settles when the first process has ended: its exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** Asks all processes to end, and kills after five seconds those that have not. */
  stop(): Promise<void>
}

export interface ProcessOptions {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Called with what the processes print, as it comes. */
  readonly onOutput?: ((text: string) => void) | undefined
}

const maxOutputLength = 4 * 1024 * 1024
const graceMs = 5000

/** Runs this same Node.js with the given arguments. */
export function startProcessGroup({ args, cwd, env, onOutput }: ProcessOptions): ProcessGroup {
  const child = spawn(process.execPath, [...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-maxOutputLength)
    onOutput?.(text)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)

  let hasEnded = false
  // Once the group is gone, its id may belong to somebody else's processes.
  const kill = (signal: NodeJS.Signals) => hasEnded || killGroup(child.pid, signal)
  const killNow = () => kill('SIGKILL')
  // A caller that ends without stop() must not leave a server behind.
  process.once('exit', killNow)
  // 'close' rather than 'exit': by then all output has arrived.
  const exited = once(child, 'close').then(([code]: (number | null)[]) => {
    hasEnded = true
    process.removeListener('exit', killNow)
    return code ?? null
  })
  const stop = async () => {
    kill('SIGTERM')
    const timer = setTimeout(killNow, graceMs)
    await exited
    clearTimeout(timer)
  }
  return { output: () => output, exited, stop }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: the group is gone already, which is what was wanted.
  }
}
