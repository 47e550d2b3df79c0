/** Loopback https servers for made-up host names, which end with the running test. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { closeServer, listenOnLoopback, portOf } from '../network/loopback-server.ts'
import { createCertificate, type ServerCertificate } from '../network/private-ca.ts'

export interface ServedHost {
  readonly port: number
  /** PEM of the authority that signed the certificate. */
  readonly ca: string
  /** How many TCP connections were opened to it. */
  connections(): number
}

const certificates = new Map<string, Promise<ServerCertificate>>()

/** A certificate for the host, made once for each file of tests. */
export function certificateOf(host: string): Promise<ServerCertificate> {
  const certificate = certificates.get(host) ?? makeCertificate(host)
  certificates.set(host, certificate)
  return certificate
}

async function makeCertificate(host: string): Promise<ServerCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  try {
    return await createCertificate(host, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Serves on a free port of 127.0.0.1 with a certificate for the host. */
export async function serveHttps(host: string, handler: RequestListener): Promise<ServedHost> {
  const { ca, cert, key } = await certificateOf(host)
  const server = createServer({ cert, key }, handler)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await listenOnLoopback(0, server)
  onTestFinished(() => closeServer(server))
  return { port: portOf(server), ca, connections: () => connections }
}
