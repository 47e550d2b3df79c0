/**
 * Counts how often work has to wait for the network. Requests that are sent without waiting for each other's
 * answers are one round: no server answers before all requests of a round have come, so that the outcome hangs on
 * who waits for whom and on no clock.
 */
import { expect, vi } from 'vitest'
import type { Store } from '../../../lib/store/contract.ts'
import { createMemoryStore } from '../../../lib/store/memory.ts'
import { alice, type ScriptedNetwork } from './scripted-network.ts'
import { createGate, type Script, type ScriptedServer } from './scripted-server.ts'

export const RESOLVE = '/xrpc/com.atproto.identity.resolveHandle'
export const DOCUMENT = `/${alice.did}`
export const RESOURCE = '/.well-known/oauth-protected-resource'
export const SERVER = '/.well-known/oauth-authorization-server'
export const PAR = '/oauth/par'
export const TOKEN = '/oauth/token'
export const CALL = '/xrpc/app.bsky.actor.getPreferences'
/** The rounds of a sign-in by handle in a process that knows nothing yet. */
export const COLD = [[RESOLVE], [DOCUMENT], [RESOURCE], [SERVER], [PAR], [PAR]]

/** How long a round is waited for that never comes: the test has failed then. */
const PATIENCE_MS = 5_000

/**
 * The result of the work, which has to send exactly these requests in exactly these rounds.
 *
 * @param rounds the paths of each
 * @param others servers beside those of the network's first home
 */
export async function inRounds<T>(
  network: ScriptedNetwork,
  rounds: readonly (readonly string[])[],
  work: () => Promise<T>,
  others: readonly ScriptedServer[] = [],
): Promise<T> {
  const { plc, resolver, home } = network
  const servers = [plc, resolver, home.as, home.pds, ...others]
  const waiting = rounds.map((paths) => ({ missing: [...paths], gate: createGate() }))
  const failed = Promise.withResolvers<never>()
  let current = 0

  const hold: Script = async ({ path }, usual) => {
    const round = waiting[current]
    const index = round?.missing.indexOf(path) ?? -1
    if (!round || index < 0) failed.reject(new Error(`${path} is not of round ${current + 1}.`))
    else {
      round.missing.splice(index, 1)
      if (round.missing.length === 0) {
        current += 1
        round.gate.open()
      }
      await round.gate.pass()
    }
    return usual()
  }
  for (const server of servers) server.answer('*', hold)
  const giveUp = () => failed.reject(new Error(`Round ${current + 1} lacks ${waiting[current]?.missing}.`))
  const timer = setTimeout(giveUp, PATIENCE_MS)
  try {
    const result = await Promise.race([work(), failed.promise])
    expect(current).toBe(rounds.length)
    return result
  } finally {
    clearTimeout(timer)
    for (const server of servers) server.restore('*')
    for (const { gate } of waiting) gate.open()
  }
}

export interface SharedStore {
  readonly store: Store
  /** Resolves when so many rows of what servers said are there: nobody else waits for their writing. */
  holdsServerRows(count: number): Promise<void>
  /** Replaces each of those rows by something else. */
  damageServerRows(damage: (sealed: string) => string): Promise<void>
  /** The keys of all rows that were ever written. */
  readonly keys: ReadonlySet<string>
}

/** A store that several processes of one application use. */
export function createSharedStore({ now }: ScriptedNetwork): SharedStore {
  const memory = createMemoryStore({ now })
  const keys = new Set<string>()
  async function serverRows(): Promise<readonly (readonly [string, string])[]> {
    const found = [...keys].filter((key) => key.startsWith('server:'))
    const rows = await Promise.all(found.map(async (key) => [key, (await memory.get(key))?.value] as const))
    return rows.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  }
  return {
    keys,
    store: {
      ...memory,
      set(key, value, ttlMs) {
        keys.add(key)
        return memory.set(key, value, ttlMs)
      },
    },
    holdsServerRows: (count) => vi.waitFor(async () => expect(await serverRows()).toHaveLength(count)),
    async damageServerRows(damage) {
      for (const [key, sealed] of await serverRows()) await memory.set(key, damage(sealed), 60_000)
    },
  }
}
