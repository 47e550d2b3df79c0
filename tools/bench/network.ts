/** The benchmark's network, driven from the clients' process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Command } from './network-process.ts'

export interface BenchNetwork {
  readonly plc: string
  readonly resolver: string
  readonly did: `did:plc:${string}`
  readonly handle: string
  /** The parameters of the callback when alice approves. */
  approve(url: URL): Promise<URLSearchParams>
  /** How many requests came since the last call. */
  count(): Promise<number>
  delay(ms: number): Promise<void>
  stop(): Promise<void>
}

/** @param lifetimeMs life of an access token */
export async function startBenchNetwork(lifetimeMs: number): Promise<BenchNetwork> {
  const child = fork(join(import.meta.dirname, 'network-process.ts'), [String(lifetimeMs)])
  const [{ result: origins }] = await once(child, 'message')
  async function ask(command: Command) {
    const answered = once(child, 'message')
    child.send(command)
    const [{ result }] = await answered
    return result
  }
  return {
    ...origins,
    approve: async (url) => new URLSearchParams(await ask({ name: 'approve', url: url.href })),
    count: () => ask({ name: 'count' }),
    delay: (ms) => ask({ name: 'delay', ms }),
    async stop() {
      const exited = once(child, 'exit')
      child.send({ name: 'stop' } satisfies Command)
      await exited
    },
  }
}
