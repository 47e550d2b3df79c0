/** A client in a process of its own, driven from this one. */
import { join } from 'node:path'
import type { BenchNetwork } from '../network/network.ts'
import type { BenchPerson } from '../network/people.ts'
import { startChild } from './child.ts'
import type { Jobs, SessionName } from './jobs.ts'
import type { WorkerMessage, WorkerSettings } from './worker-process.ts'

type Input<Name extends keyof Jobs> = Parameters<Jobs[Name]>[1]
type Result<Name extends keyof Jobs> = Jobs[Name] extends (...args: never) => Promise<infer R> ? R : never

export interface Worker extends AsyncDisposable {
  do<Name extends keyof Jobs>(job: Name, input: Input<Name>): Promise<Result<Name>>
  /** Signs an account in from the beginning to the end. */
  signIn(network: BenchNetwork, person: BenchPerson): Promise<SessionName>
  stop(): Promise<void>
}

export async function startWorker(settings: WorkerSettings): Promise<Worker> {
  const child = startChild(join(import.meta.dirname, 'worker-process.ts'), { execArgv: ['--expose-gc'] })
  await child.ask({ name: 'start', settings } satisfies WorkerMessage)
  const doJob = async <Name extends keyof Jobs>(job: Name, input: Input<Name>): Promise<Result<Name>> =>
    (await child.ask({ name: 'job', job, input } satisfies WorkerMessage)) as Result<Name>
  return {
    do: doJob,
    async signIn(network, { did, handle }) {
      const { url } = await doJob('authorize', { handle })
      const { id } = await doJob('callback', { query: await network.approve(url, did) })
      return { did, id }
    },
    stop: child.stop,
    [Symbol.asyncDispose]: child.stop,
  }
}
