/**
 * A whole network on loopback for tests of the protocol: PLC directory, handle resolver, and homes (a PDS with its
 * authorization server), each on an origin of its own. Everything is strict and friendly until a test scripts it
 * otherwise, and time stands still until the test moves it.
 */
import type { JSONWebKeySet } from 'jose'
import { didDocument } from '../../../lib/testing/network/accounts.ts'
import { type Home, startHome } from '../../../lib/testing/servers/pds-and-server.ts'
import type { ServerTraits } from '../../../lib/testing/servers/server-traits.ts'
import { type RecordedRequest, type ScriptedServer, startScriptedServer } from './scripted-server.ts'

export { didDocument }

export interface Person {
  readonly did: string
  readonly handle: string
}

export const alice: Person = { did: `did:plc:${'a'.repeat(24)}`, handle: 'alice.test' }
export const bob: Person = { did: `did:plc:${'b'.repeat(24)}`, handle: 'bob.test' }
/** Five more people of the same home. */
export const crowd: readonly Person[] = Array.from('cdefg', (letter) => ({
  did: `did:plc:${letter.repeat(24)}`,
  handle: `${letter}.test`,
}))
const people: readonly Person[] = [alice, bob, ...crowd]

export interface NetworkOptions {
  /** Life of the access tokens; default an hour. */
  readonly lifetimeMs?: number
  /** The keys of a confidential client, as the servers would find them at its `jwks_uri`. */
  readonly jwks?: JSONWebKeySet
  /** The servers' clock minus the network's, in milliseconds. */
  readonly serverSkewMs?: number
  /** Lets time pass by itself, for clients that look at the machine's clock. */
  readonly hasRealClock?: boolean
  /** How the first home differs from the reference server. */
  readonly traits?: ServerTraits
}

export interface ScriptedNetwork extends AsyncDisposable {
  readonly plc: ScriptedServer
  readonly resolver: ScriptedServer
  /** Where alice and bob live. */
  readonly home: Home
  /** Starts another PDS with an authorization server. */
  addHome(): Promise<Home>
  /** Lets the directory name another PDS for an account. */
  move(person: Person, pds: string): void
  /** Epoch milliseconds; moved by `advance` alone. */
  now(): number
  advance(ms: number): void
  /** Every request that any of the servers got. */
  readonly requests: readonly RecordedRequest[]
  /** The requests at a path, of all servers or of one. */
  sent(path: string, origin?: string): readonly RecordedRequest[]
  /** What the client did against the rules. */
  readonly violations: readonly string[]
}

/** Starts the network; `await using` stops it. */
export async function startScriptedNetwork(options: NetworkOptions = {}): Promise<ScriptedNetwork> {
  const begun = Date.now()
  let time = begun
  const log: RecordedRequest[] = []
  const violations: string[] = []
  const pdsOf = new Map<string, string>()
  const servers = new Set<ScriptedServer>()
  const { lifetimeMs = 3_600_000, serverSkewMs = 0, jwks, hasRealClock } = options
  const now = () => (hasRealClock ? time + Date.now() - begun : time)
  const serverNow = () => now() + serverSkewMs

  async function addHome(traits?: ServerTraits): Promise<Home> {
    const home = await startHome({ log, violations, now: serverNow, lifetimeMs, jwks, traits })
    for (const server of [home.as, home.pds]) servers.add(server)
    return home
  }
  const home = await addHome(options.traits)
  for (const { did } of people) pdsOf.set(did, home.pds.origin)
  const plc = await startScriptedServer({ log, now: serverNow }, ({ path }) => {
    const person = people.find(({ did }) => decodeURIComponent(path) === `/${did}`)
    return person ? { json: didDocument(person, pdsOf.get(person.did) ?? '') } : { status: 404, json: {} }
  })
  const resolver = await startScriptedServer({ log, now: serverNow }, ({ target }) => {
    const handle = new URL(target, 'http://resolver').searchParams.get('handle')
    const person = people.find((entry) => entry.handle === handle)
    return person ? { json: { did: person.did } } : { status: 400, json: { error: 'InvalidRequest' } }
  })
  for (const server of [plc, resolver]) servers.add(server)

  return {
    plc,
    resolver,
    home,
    addHome: () => addHome(),
    violations,
    requests: log,
    move: (person, pds) => void pdsOf.set(person.did, pds),
    now,
    advance(ms) {
      time += ms
    },
    sent: (path, origin) =>
      log.filter((request) => request.path === path && (origin === undefined || request.origin === origin)),
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(servers, (server) => server.close()))
    },
  }
}
