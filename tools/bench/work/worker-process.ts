/** A process with one client, which does jobs one after the other. */
import { syncBuiltinESMExports } from 'node:module'
import { trustHost } from '../../../tests/support/network/trust-host.ts'
import type { StorePlace } from '../clients/client.ts'
import { type ClientName, loadClient } from '../clients/index.ts'
import type { Servers } from '../network/network.ts'
import { type Jobs, jobs, type Workplace } from './jobs.ts'

export interface WorkerSettings {
  readonly client: ClientName
  readonly servers: Servers
  readonly place: StorePlace
  /** Whether calls of the store are counted. */
  readonly isCounting: boolean
  /** A host that leads to 127.0.0.1, and the authority (PEM) of its certificate. */
  readonly trust?: { readonly host: string; readonly ca: string } | undefined
}

export type WorkerMessage =
  | { readonly name: 'start'; readonly settings: WorkerSettings }
  | { readonly name: 'job'; readonly job: keyof Jobs; readonly input: unknown }

let workplace: Workplace | undefined

async function start({ client, servers, place, isCounting, trust }: WorkerSettings): Promise<void> {
  if (trust) {
    trustHost(trust.host, trust.ca)
    syncBuiltinESMExports()
  }
  const install = await loadClient(client)
  const installation = await install({ servers, place, isCounting })
  workplace = { installation, client: installation.start(), session: undefined, held: [] }
}

async function answer(message: WorkerMessage): Promise<unknown> {
  if (message.name === 'start') return start(message.settings)
  if (!workplace) throw new Error('This process has no client yet.')
  // The other side knows which input belongs to which job.
  const job = jobs[message.job] as (place: Workplace, input: unknown) => Promise<unknown>
  return job(workplace, message.input)
}

process.on('message', async (message: WorkerMessage) => {
  const reply = await answer(message).then(
    (result) => ({ result }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
  process.send?.(reply)
})
