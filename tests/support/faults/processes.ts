/** Real processes: workers that a test starts, talks to, stops and kills. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command, SessionRef, Setup, StorePoint, Told } from './messages.ts'

export interface Worker {
  ask(command: Command): Promise<readonly string[]>
  /** One call with each session, so many times, all at once; the outcomes: a status or the code of an error. */
  call(sessions: readonly SessionRef[], times?: number): Promise<readonly string[]>
  hold(session: SessionRef, point: StorePoint): Promise<unknown>
  /** Resolves when its work has been held so many times in all. */
  held(count: number): Promise<void>
  /** Resolves when it has got SIGTERM. */
  readonly ending: Promise<void>
  signal(name: NodeJS.Signals): void
  /** Ends it as the kernel does when memory is short. */
  kill(): Promise<void>
  /** Resolves with the exit code; null when it was killed. */
  readonly exited: Promise<number | null>
}

const script = fileURLToPath(new URL('./worker.ts', import.meta.url))
const running = new Set<ChildProcess>()
// A worker that is stopped does not see that its parent has gone.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a worker; it is there when this resolves. */
export async function startWorker(setup: Setup): Promise<Worker> {
  const child = fork(script, [JSON.stringify(setup)], { execArgv: ['--no-warnings'], stdio: 'inherit' })
  running.add(child)
  const open = new Map<number, PromiseWithResolvers<readonly string[]>>()
  const ready = Promise.withResolvers<void>()
  const ending = Promise.withResolvers<void>()
  const waiting = new Map<number, PromiseWithResolvers<void>>()
  let [asked, held] = [0, 0]

  child.on('message', (told: Told) => {
    if (told === 'ready') ready.resolve()
    else if (told === 'ending') ending.resolve()
    else if (told === 'held') {
      held += 1
      waiting.get(held)?.resolve()
    } else {
      open.get(told.number)?.resolve(told.result)
      open.delete(told.number)
    }
  })
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child)
    const gone = new Error(`The worker ended with ${code}.`)
    ready.reject(gone)
    for (const { reject } of open.values()) reject(gone)
    return typeof code === 'number' ? code : null
  })

  function ask(command: Command): Promise<readonly string[]> {
    asked += 1
    const answer = Promise.withResolvers<readonly string[]>()
    // Some answers are not waited for, and a worker that is killed gives none.
    answer.promise.catch(() => undefined)
    open.set(asked, answer)
    child.send({ number: asked, command }, (error) => error && answer.reject(error))
    return answer.promise
  }

  await ready.promise
  return {
    ask,
    call: (sessions, times = 1) => ask({ do: 'call', sessions, times }),
    hold: ({ id }, point) => ask({ do: 'hold', sessionId: id, point }),
    held(count) {
      if (held >= count) return Promise.resolve()
      const reached = waiting.get(count) ?? Promise.withResolvers<void>()
      waiting.set(count, reached)
      return reached.promise
    },
    ending: ending.promise,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    exited,
  }
}
