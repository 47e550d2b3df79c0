/**
 * One real PDS (@atproto/pds) on loopback, with its own folder, keys and handle domain. It sits behind a
 * gate of ours that logs its requests and can play dead.
 */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { RequestListener, Server } from 'node:http'
import { join } from 'node:path'
import { envToCfg, envToSecrets, PDS, type ServerEnvironment } from '@atproto/pds'
import { adoptServer, closeServer, dropConnection, listenOnLoopback, portOf } from './loopback-server.ts'
import { RequestLog } from './request-log.ts'

/** `open`: answers. `unavailable`: 503 to everything. `drop`: connections are cut without an answer. */
export type GateMode = 'open' | 'unavailable' | 'drop'

export interface Gate {
  mode: GateMode
  /** How late each answer is, in milliseconds. */
  delayMs: number
}

export interface LocalPds {
  /** Origin of the PDS, which is its issuer too. */
  readonly url: string
  /** Host name with port. */
  readonly host: string
  readonly serviceDid: string
  /** The handle domain with its leading dot, e.g. `.test`. */
  readonly handleDomain: string
  /** The live server object. */
  readonly pds: PDS
  readonly requests: RequestLog
  readonly gate: Gate
  /** Shuts the PDS down for good; a second call does nothing. */
  stop(): Promise<void>
}

export interface LocalPdsOptions {
  /** 0 for a free port. */
  readonly port: number
  /** Cookies ignore ports: two PDSes need two host names, or they overwrite each other's device cookie. */
  readonly hostname: 'localhost' | '127.0.0.1'
  readonly handleDomain: string
  readonly name: string
  readonly plcUrl: string
  /** Made when missing; the caller deletes it. */
  readonly folder: string
}

/**
 * Starts a PDS and returns it once it answers.
 *
 * @throws PortTakenError when the wanted port is not free
 */
export async function startLocalPds(options: LocalPdsOptions): Promise<LocalPds> {
  await mkdir(join(options.folder, 'blobs'), { recursive: true })
  const server = await listenOnLoopback(options.port)
  try {
    return await startBehind(server, options)
  } catch (error) {
    await closeServer(server)
    throw error
  }
}

async function startBehind(server: Server, options: LocalPdsOptions): Promise<LocalPds> {
  const port = portOf(server)
  const url = `http://${options.hostname}:${port}`
  const serviceDid = `did:web:localhost%3A${port}`
  const env = pdsEnvironment(options, port, serviceDid)
  const config = envToCfg(env)
  config.service.publicUrl = url
  config.oauth.issuer = url

  const pds = await PDS.create(config, envToSecrets(env))
  const requests = new RequestLog()
  const gate: Gate = { mode: 'open', delayMs: 0 }
  adoptServer(pds.app, server, createGate(gate, requests, pds.app))
  await pds.start()

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= pds.destroy().finally(() => closeServer(server))
    return stopping
  }
  const { handleDomain } = options
  return { url, host: new URL(url).host, serviceDid, handleDomain, pds, requests, gate, stop }
}

function createGate(gate: Gate, requests: RequestLog, next: RequestListener): RequestListener {
  return (request, response) => {
    requests.add(request, response)
    if (gate.mode === 'open' && gate.delayMs > 0) {
      setTimeout(next, gate.delayMs, request, response)
      return
    }
    if (gate.mode === 'open') return next(request, response)
    if (gate.mode === 'drop') return dropConnection(request.socket)
    response.writeHead(503, { 'content-type': 'text/plain' }).end('This PDS is paused.\n')
  }
}

function pdsEnvironment(options: LocalPdsOptions, port: number, serviceDid: string): ServerEnvironment {
  return {
    devMode: true,
    port,
    hostname: 'localhost',
    serviceDid,
    serviceName: options.name,
    dataDirectory: options.folder,
    blobstoreDiskLocation: join(options.folder, 'blobs'),
    blobstoreDiskTmpLocation: join(options.folder, 'blobs-tmp'),
    // By name: the PDS refuses to look up DIDs at an IP address, and then calls every handle invalid.
    didPlcUrl: options.plcUrl.replace('127.0.0.1', 'localhost'),
    serviceHandleDomains: [options.handleDomain],
    inviteRequired: false,
    // A confidential client's metadata lies on this machine too, on a port of its own.
    disableSsrfProtection: true,
    // The PDS insists on these services; names under .invalid make sure that nobody is ever asked.
    bskyAppViewUrl: 'https://appview.invalid',
    bskyAppViewDid: 'did:example:invalid',
    modServiceUrl: 'https://mod.invalid',
    modServiceDid: 'did:example:invalid',
    adminPassword: randomBytes(16).toString('hex'),
    jwtSecret: randomBytes(32).toString('hex'),
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
  }
}
