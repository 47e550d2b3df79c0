/**
 * An https address for the app, on a host name that an authorization server accepts in a client_id
 * (`*.internal`): with it a confidential client can be tried on one machine, without root rights or a
 * hosts file. A browser needs `--host-resolver-rules` for the name and must accept the certificate.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:https'
import { pipeline } from 'node:stream'
import { closeServer, listenOnLoopback, portOf } from './loopback-server.ts'
import { createCertificate } from './private-ca.ts'
import { trustHost } from './trust-host.ts'

export interface TlsFront {
  /** e.g. `https://app.demo.internal:40123` */
  readonly origin: string
  /** PEM of the private authority. */
  readonly ca: string
  /** Closes the front and takes the trust back; a second call does nothing. */
  stop(): Promise<void>
}

export interface TlsFrontOptions {
  /** Must end in `.internal`. */
  readonly host: string
  /** 0 or absent: a free port. */
  readonly tlsPort?: number
  /** Origin of the app, e.g. `http://127.0.0.1:3000`; it may start later. */
  readonly target: string
}

/**
 * Starts the front and makes this process (with the PDSes in it) find and trust it.
 *
 * @param folder for keys and certificates; the caller deletes it
 * @throws PortTakenError when the wanted port is not free; Error when there is no `openssl` program
 */
export async function startTlsFront(options: TlsFrontOptions, folder: string): Promise<TlsFront> {
  const { host, tlsPort = 0, target } = options
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.internal$/.test(host)) {
    throw new TypeError(`The host of the https front must end in .internal, got "${host}".`)
  }
  const { ca, cert, key } = await createCertificate(host, folder)
  const server = await listenOnLoopback(tlsPort, createFrontServer({ cert, key }, new URL(target)))
  const forget = trustHost(host, ca)
  const stop = async () => {
    forget()
    await closeServer(server)
  }
  return { origin: `https://${host}:${portOf(server)}`, ca, stop }
}

function createFrontServer(credentials: { cert: string; key: string }, target: URL): Server {
  const forward: RequestListener = (request, response) => forwardTo(target, request, response)
  return createServer(credentials, forward)
}

function forwardTo(target: URL, request: IncomingMessage, response: ServerResponse): void {
  const upstream = httpRequest({
    host: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: forwardedHeaders(request),
  })
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHopHeaders(answer.headers))
    // An aborted browser request ends here; there is nobody left to tell.
    pipeline(answer, response, () => {})
  })
  upstream.on('error', () => {
    if (response.headersSent) response.destroy()
    else
      response.writeHead(502, { 'content-type': 'text/plain' }).end(`No app answers at ${target.origin}.\n`)
  })
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}

/** Keeps Host, and overwrites what a client could claim about the outside of this front. */
function forwardedHeaders(request: IncomingMessage): IncomingHttpHeaders {
  return {
    ...withoutHopHeaders(request.headers),
    'x-forwarded-proto': 'https',
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-for': request.socket.remoteAddress ?? '127.0.0.1',
  }
}

/** These belong to one connection, not to the message (RFC 9110 §7.6.1); Node sets its own. */
function withoutHopHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _c, 'keep-alive': _k, upgrade: _u, te: _t, 'transfer-encoding': _e, ...kept } = headers
  return kept
}
