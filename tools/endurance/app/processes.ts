/** The processes of an application: started, ended and asked by a run. What they print is kept. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { AppSetup, AppTold, Sample } from './messages.ts'

export interface AppProcess {
  readonly port: number
  /** Whether it was killed, so that requests to it have no answer. */
  readonly isKilled: boolean
  /** Whether it was killed or told to end. */
  readonly isEnding: boolean
  sample(): Promise<Sample>
  /** SIGKILL, as the kernel does when memory is short. */
  kill(): Promise<void>
  /** SIGTERM; resolves when it has ended by itself. */
  stop(): Promise<void>
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>
  /** What it printed, once it has ended. */
  readonly output: Promise<string>
}

const script = join(import.meta.dirname, 'app-process.ts')

/** Starts a process; it listens when this resolves. */
export async function startAppProcess(setup: AppSetup, flags: readonly string[] = []): Promise<AppProcess> {
  const child = fork(script, [JSON.stringify(setup)], {
    execArgv: ['--no-warnings', ...flags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]).then((parts) => parts.join('\n'))
  const exited = once(child, 'exit').then(([code, signal]) =>
    Number.isInteger(code) ? Number(code) : String(signal),
  )
  const told = await Promise.race([nextMessage(child), exited.then(() => undefined)])
  if (!told || !('port' in told)) throw new Error(`A process did not start:\n${await output}`)
  let sent: NodeJS.Signals | undefined
  const end = async (signal: NodeJS.Signals) => {
    sent = signal
    child.kill(signal)
    await exited
  }
  return {
    port: told.port,
    get isKilled() {
      return sent === 'SIGKILL'
    },
    get isEnding() {
      return sent !== undefined
    },
    async sample() {
      const answer = nextMessage(child)
      child.send('sample')
      const message = await answer
      if (!('sample' in message)) throw new Error('A sample was expected.')
      return message.sample
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    exited,
    output,
  }
}

async function nextMessage(child: ChildProcess): Promise<AppTold> {
  const [message]: AppTold[] = await once(child, 'message')
  if (!message) throw new Error('An empty message came.')
  return message
}

function textOf(stream: ChildProcess['stdout']): Promise<string> {
  return stream ? text(stream) : Promise.resolve('')
}
