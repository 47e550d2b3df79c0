/** Four processes of one application find the same token ended at the same moment; nothing is configured against it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchNetwork } from './network.ts'
import type { Peer } from './peers.ts'
import type { RaceCommand } from './race-process.ts'

const PROCESSES = 4

export interface RaceResult {
  /** How many of the processes got an answer of the PDS. */
  readonly answered: number
  readonly processes: number
  /** Whether a process that starts afterwards can use the session. */
  readonly isAlive: boolean
}

/** @param lifetimeMs of the network's tokens */
export async function race(peer: Peer, network: BenchNetwork, lifetimeMs: number): Promise<RaceResult> {
  const folder = await mkdtemp(join(tmpdir(), 'atproto-race-'))
  const { plc, resolver, did, handle } = network
  const args = [peer.name, join(folder, 'sessions.sqlite'), JSON.stringify({ plc, resolver, did, handle })]
  const started: ChildProcess[] = []
  async function start() {
    const child = fork(join(import.meta.dirname, 'race-process.ts'), args)
    started.push(child)
    await once(child, 'message')
    return async (command: RaceCommand) => {
      const answered = once(child, 'message')
      child.send(command)
      const [{ result }] = await answered
      return result
    }
  }
  try {
    const first = await start()
    const params = await network.approve(new URL(await first({ name: 'authorize' })))
    await first({ name: 'callback', search: params.toString() })
    const others = await Promise.all(Array.from({ length: PROCESSES }, start))
    await new Promise((resolve) => setTimeout(resolve, lifetimeMs + 100))
    const statuses = await Promise.all(others.map((ask) => ask({ name: 'call' })))
    const late = await start()
    return {
      answered: statuses.filter((status) => status === 200).length,
      processes: PROCESSES,
      isAlive: (await late({ name: 'call' })) === 200,
    }
  } finally {
    for (const child of started) child.kill()
    await rm(folder, { recursive: true, force: true })
  }
}
