/** A Node.js process that answers one message at a time. */
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  /** Resolves to the result of a message; rejects with what went wrong there, or when the process ends. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly args?: readonly string[]
  readonly execArgv?: readonly string[]
}

export function startChild(script: string, { args = [], execArgv = [] }: ChildOptions = {}): Child {
  // Compiled code that an earlier run left behind would speed up some of the processes.
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const child = fork(script, [...args], {
    execArgv: [...execArgv],
    env: { ...env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const stopped = exited.then(([code, signal]) => {
    throw new Error(`A process of the benchmark ended early (${code ?? signal}).`)
  })
  // Only a question that waits for its answer is told.
  stopped.catch(() => {})
  return {
    async ask(message) {
      const answered = once(child, 'message')
      child.send(message)
      const [{ result, error }] = await Promise.race([answered, stopped])
      if (error !== undefined) throw new Error(error)
      return result
    },
    async stop() {
      child.kill()
      await exited
    },
  }
}
