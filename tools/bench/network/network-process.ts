/** The servers of the benchmark in a process of their own, so that their work is not counted as a client's. */
import { type BenchServer, startBenchServer } from './bench-server.ts'
import { createBenchHome, type Origins } from './home.ts'
import { personOfDid, personOfHandle } from './people.ts'
import { noTraffic } from './traffic.ts'

export interface NetworkSettings {
  /** Life of an access token. */
  readonly lifetimeMs: number
  /** Serves https on this host. */
  readonly tls?: { readonly host: string; readonly cert: string; readonly key: string } | undefined
}

export type Command =
  | { readonly name: 'start'; readonly settings: NetworkSettings }
  | { readonly name: 'approve'; readonly url: string; readonly did: string }
  /** What passed since the start. */
  | { readonly name: 'count' }
  | { readonly name: 'delay'; readonly ms: number }
  | { readonly name: 'rotate' }
  | { readonly name: 'end access tokens' }

let latencyMs = 0
const traffic = { all: noTraffic(), pds: noTraffic() }
let home: ReturnType<typeof createBenchHome> | undefined

async function start({ lifetimeMs, tls }: NetworkSettings) {
  const origins: Origins & { plc: string; resolver: string } = { issuer: '', pds: '', plc: '', resolver: '' }
  const created = createBenchHome(lifetimeMs, () => origins)
  home = created
  const shared = { tls, latencyMs: () => latencyMs, traffic: traffic.all }
  const server = await startBenchServer({ ...shared, answer: created.answerAsServer })
  const pds = await startBenchServer({ ...shared, traffic: traffic.pds, answer: created.answerAsPds })
  const plc = await startBenchServer({ ...shared, answer: ({ path }) => didDocument(path.slice(1), pds) })
  const resolver = await startBenchServer({ ...shared, answer: ({ target }) => resolveHandle(target) })
  return Object.assign(origins, {
    issuer: server.origin,
    pds: pds.origin,
    plc: plc.origin,
    resolver: resolver.origin,
  })
}

function didDocument(path: string, pds: BenchServer) {
  const person = personOfDid(decodeURIComponent(path))
  if (!person) return { status: 404, json: {} }
  const service = { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds.origin }
  return {
    json: {
      '@context': ['https://www.w3.org/ns/did/v1'],
      id: person.did,
      alsoKnownAs: [`at://${person.handle}`],
      verificationMethod: [],
      service: [service],
    },
  }
}

function resolveHandle(target: string) {
  const person = personOfHandle(new URL(target, 'http://resolver').searchParams.get('handle') ?? '')
  return person ? { json: { did: person.did } } : { status: 400, json: { error: 'InvalidRequest' } }
}

function count() {
  const { all, pds } = traffic
  const sum = (key: keyof typeof all) => all[key] + pds[key]
  const total = { requests: sum('requests'), connections: sum('connections'), bytes: sum('bytes') }
  return {
    all: total,
    pds,
    refreshes: home?.grants.counts.rotations ?? 0,
    replays: home?.grants.counts.replays ?? 0,
  }
}

function answer(command: Command): unknown {
  if (command.name === 'start') return start(command.settings)
  if (command.name === 'approve') return home?.approve(new URL(command.url), command.did)
  if (command.name === 'count') return count()
  if (command.name === 'rotate') return home?.rotateNonces()
  if (command.name === 'end access tokens') return home?.endAccessTokens()
  latencyMs = command.ms
  return undefined
}

process.on('message', async (command: Command) => {
  const result = await answer(command)
  process.send?.({ result })
})
