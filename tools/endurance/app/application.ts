/** An application of several processes in which some are always running: what a load balancer sees of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppSetup } from './messages.ts'
import { type AppProcess, startAppProcess } from './processes.ts'

export interface Application {
  /** The processes that get requests. */
  readonly running: readonly AppProcess[]
  /** Kills a process while requests are under way, and starts another one. */
  killOne(process: AppProcess): Promise<void>
  /** Starts another process, sends that one no more requests, and ends it. */
  replaceOne(process: AppProcess): Promise<void>
  /** Ends all; what any process printed, and those that ended by themselves. */
  stop(): Promise<{ readonly output: string; readonly lost: readonly string[] }>
}

/** What is still on its way to a process that gets no more requests. */
const DRAIN_MS = 200

export interface ApplicationSize {
  readonly processes: number
  /** For Node, of each process. */
  readonly flags?: readonly string[] | undefined
}

export async function startApplication(
  setup: AppSetup,
  { processes, flags = [] }: ApplicationSize,
): Promise<Application> {
  const all: AppProcess[] = []
  const lost: string[] = []
  let running: readonly AppProcess[] = []

  async function start(): Promise<void> {
    const process = await startAppProcess(setup, flags)
    // As a load balancer does it: the first request, which loads what is loaded late, is none of a visitor.
    await fetch(`http://127.0.0.1:${process.port}/oauth/jwks.json`).then((response) => response.text())
    all.push(process)
    running = [...running, process]
    void process.exited.then((code) => {
      running = running.filter((other) => other !== process)
      if (!process.isEnding) lost.push(`a process ended by itself with ${code}`)
    })
  }

  await Promise.all(Array.from({ length: processes }, start))
  return {
    get running() {
      return running
    },
    async killOne(process) {
      running = running.filter((other) => other !== process)
      await process.kill()
      await start()
    },
    async replaceOne(process) {
      await start()
      running = running.filter((other) => other !== process)
      await sleep(DRAIN_MS)
      await process.stop()
      const code = await process.exited
      if (code !== 0) lost.push(`a process that was told to end ended with ${code}`)
    },
    async stop() {
      const last = running
      running = []
      await Promise.all(last.map((process) => process.stop()))
      const outputs = await Promise.all(all.map((process) => process.output))
      return { output: outputs.join('\n'), lost }
    },
  }
}
