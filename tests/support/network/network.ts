/**
 * A real AT Protocol network inside one process and on loopback only: a PLC directory, two PDSes with
 * three accounts, and a handle resolver. Tests and `npm run demo` share it. Everything is fresh at each
 * start and gone after `stop()`: whatever caches handles, DIDs or metadata must be restarted with it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, PlcServer } from '@did-plc/server'
import { createPerson, type LocalAccount, type PersonName, people } from './accounts.ts'
import { startHandleResolver } from './handle-resolver.ts'
import { type LocalPds, type LocalPdsOptions, startLocalPds } from './local-pds.ts'
import { adoptServer, closeServer, listenOnLoopback, portOf } from './loopback-server.ts'
import { startTlsFront, type TlsFront, type TlsFrontOptions } from './tls-front.ts'

export interface NetworkPorts {
  readonly plc: number
  readonly pds1: number
  readonly pds2: number
  readonly resolver: number
}

const freePorts: NetworkPorts = { plc: 0, pds1: 0, pds2: 0, resolver: 0 }

export interface NetworkOptions {
  /** Default: free ports. */
  readonly ports?: NetworkPorts
  /** Puts an https address before the app, for a confidential client. */
  readonly app?: TlsFrontOptions
  /** Called before each step with a short description. */
  readonly onProgress?: (step: string) => void
}

/** What the library's `localNetwork` option takes. */
export interface LocalNetworkSettings {
  readonly plcDirectory: string
  readonly handleResolver: string
  /** PEM, when there is an https front. */
  readonly ca?: string
}

export interface LocalNetwork extends AsyncDisposable {
  readonly plcUrl: string
  readonly handleResolverUrl: string
  /** First `http://localhost:…` with `.test` handles, then `http://127.0.0.1:…` with `.pds2.test`. */
  readonly pds: readonly [LocalPds, LocalPds]
  readonly accounts: Readonly<Record<PersonName, LocalAccount>>
  readonly localNetwork: LocalNetworkSettings
  /** Only with `options.app`. */
  readonly front?: TlsFront
  /** Closes every server and deletes every folder; a second call waits for the first. */
  stop(): Promise<void>
}

type NetworkParts = Omit<LocalNetwork, 'stop' | typeof Symbol.asyncDispose>

/**
 * Starts the network and returns it when all accounts exist, about two seconds later. Whatever was
 * started is stopped again when a later step fails.
 *
 * @throws PortTakenError when a wanted port is not free
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<LocalNetwork> {
  const started = new AsyncDisposableStack()
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= started.disposeAsync()
    return stopping
  }
  try {
    return { ...(await startParts(options, started)), stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Each part registers how it is undone; the stack undoes them in reverse order. */
async function startParts(options: NetworkOptions, started: AsyncDisposableStack): Promise<NetworkParts> {
  const { ports = freePorts, app, onProgress = () => {} } = options
  const folder = await mkdtemp(join(tmpdir(), 'atproto-network-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  onProgress('Starting the PLC directory')
  const plcUrl = await startPlcDirectory(ports.plc, started)
  onProgress('Starting two PDSes')
  const pds = await startBothPdses({ ports, plcUrl, folder }, started)
  onProgress('Starting the handle resolver')
  const resolver = await startHandleResolver(ports.resolver, pds)
  started.defer(() => closeServer(resolver))
  const handleResolverUrl = `http://127.0.0.1:${portOf(resolver)}`

  const front = app && (await startTlsFront(app, join(folder, 'tls')))
  if (front) started.defer(() => front.stop())
  onProgress('Creating accounts and profiles')
  const accounts = await createAccounts(pds)
  const localNetwork = {
    plcDirectory: plcUrl,
    handleResolver: handleResolverUrl,
    ...(front && { ca: front.ca }),
  }
  return { plcUrl, handleResolverUrl, pds, accounts, localNetwork, ...(front && { front }) }
}

async function startPlcDirectory(port: number, started: AsyncDisposableStack): Promise<string> {
  const server = await listenOnLoopback(port)
  started.defer(() => closeServer(server))
  const plc = PlcServer.create({ db: Database.mock() })
  adoptServer(plc.app, server)
  await plc.start()
  started.defer(() => plc.destroy())
  return `http://127.0.0.1:${portOf(server)}`
}

interface PdsPlaces {
  readonly ports: NetworkPorts
  readonly plcUrl: string
  readonly folder: string
}

async function startBothPdses(
  { ports, plcUrl, folder }: PdsPlaces,
  started: AsyncDisposableStack,
): Promise<readonly [LocalPds, LocalPds]> {
  const start = async (options: Omit<LocalPdsOptions, 'plcUrl' | 'folder'>) => {
    const pds = await startLocalPds({ ...options, plcUrl, folder: join(folder, options.handleDomain) })
    started.defer(() => pds.stop())
    return pds
  }
  return [
    await start({ port: ports.pds1, hostname: 'localhost', handleDomain: '.test', name: 'Local PDS 1' }),
    await start({ port: ports.pds2, hostname: '127.0.0.1', handleDomain: '.pds2.test', name: 'Local PDS 2' }),
  ]
}

async function createAccounts(pds: LocalNetwork['pds']): Promise<LocalNetwork['accounts']> {
  const create = (name: PersonName) => createPerson(people[name], pds[people[name].pds])
  const [alice, bob, carol] = await Promise.all([create('alice'), create('bob'), create('carol')])
  return { alice, bob, carol }
}
