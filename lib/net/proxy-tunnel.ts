/**
 * Connections to https servers through an HTTP proxy (CONNECT, RFC 9110 §9.3.6). The proxy sees host and port; TLS and the
 * check of the certificate are between this process and the server.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { AgentOptions, RequestOptions } from 'node:https'
import { isIP, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { AtprotoAuthError } from '../errors.ts'
import type { HttpProxy } from './http-proxy.ts'
import { HttpsAgent, httpRequest, httpsRequest } from './node-http.ts'

/** What a request tells the agent about the tunnel that it may have to open. */
export interface TunnelLimits {
  /** Ends the attempt: the deadline of the request, or its caller. */
  readonly signal: AbortSignal | undefined
  /** The deadline of the request alone. */
  readonly deadline?: AbortSignal | undefined
  /** How long the proxy may take, in milliseconds. */
  readonly timeoutMs: number
  /** Holds the error of a proxy that does not answer in time, as long as the request waits for its answer. */
  readonly wait: { error?: AtprotoAuthError | undefined }
}

/** Options of a request by a `TunnelAgent`. */
export interface TunnelledRequestOptions extends RequestOptions {
  readonly tunnel: TunnelLimits
}

export interface ProxyRoute {
  readonly proxy: HttpProxy
  /** Called with a message when no server can be reached by that proxy. */
  readonly warn?: ((message: string) => void) | undefined
}

/** An agent whose connections lead through a proxy. It keeps and reuses them like any other agent. */
export class TunnelAgent extends HttpsAgent {
  readonly #route: ProxyRoute

  constructor(options: AgentOptions, route: ProxyRoute) {
    super(options)
    this.#route = route
  }

  override createConnection(
    options: TunnelledRequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const { tunnel, host, port, ca } = options
    const target = new URL(`https://${host}:${port}`)
    openTunnel(target, { ...tunnel, ...this.#route, ca })
      // The TLS connection that the agent makes anyway, on a socket that is already open.
      .then((socket) => super.createConnection(onSocket(socket, options)) ?? socket)
      .then(
        (stream) => callback?.(null, stream),
        // Node reads no stream where there is an error.
        (error: Error) => callback?.(error, new Socket()),
      )
  }
}

/** The options of a TLS connection on that socket, of which the type of HTTP requests does not know. */
function onSocket(socket: Socket, options: RequestOptions): RequestOptions & { readonly socket: Socket } {
  return { ...options, socket }
}

interface TunnelOptions extends TunnelLimits, ProxyRoute {
  readonly ca?: RequestOptions['ca']
}

/** @throws AtprotoAuthError `network_error`, `timeout`, with `sent` false; the reason of the signal */
function openTunnel(target: URL, { proxy, warn, ca, signal, ...limits }: TunnelOptions): Promise<Socket> {
  const { deadline, timeoutMs, wait } = limits
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const silence = `The proxy ${proxy.origin} did not answer CONNECT in time.`
  wait.error = new AtprotoAuthError('timeout', silence, { sent: false })
  const timeout = AbortSignal.timeout(timeoutMs)
  const authority = `${target.hostname}:${target.port || 443}`
  const request = connectRequest(
    { proxy, authority },
    { ca, signal: signal ? AbortSignal.any([signal, timeout]) : timeout },
  )
  request.once('connect', (response, socket, head) => {
    wait.error = undefined
    const problem = problemWith(response, head, { proxy, authority })
    // Until the TLS connection listens for errors of the socket, one of them must not end the process.
    socket.once('error', () => undefined)
    if (!problem && !signal?.aborted) return resolve(socket)
    socket.destroy()
    if (response.statusCode === 407 && problem) warn?.(problem.message)
    reject(problem ?? signal?.reason)
  })
  request.on('error', (error) => {
    if (deadline?.aborted || timeout.aborted) {
      warn?.(silence)
      return reject(wait.error)
    }
    if (signal?.aborted) return reject(signal.reason)
    // While the connection was open, it broke, or what came is not HTTP.
    const isConnected = 'code' in error && /^(ECONNRESET|EPIPE|HPE_\w+)$/.test(String(error.code))
    const problem = isConnected
      ? `The proxy ${proxy.origin} gave no proper answer to CONNECT ${authority}.`
      : `The proxy ${proxy.origin} could not be reached.`
    if (!isConnected) warn?.(problem)
    reject(proxyError(problem, causeOf(error)))
  })
  request.end()
  return promise
}

function connectRequest(
  { proxy, authority }: Attempt,
  { ca, signal }: Pick<RequestOptions, 'ca' | 'signal'>,
): ClientRequest {
  const authorization = proxy.authorization()
  const options = {
    method: 'CONNECT',
    host: proxy.hostname,
    port: proxy.port,
    path: authority,
    headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
    agent: false,
    signal,
  } as const
  if (proxy.protocol === 'http:') return httpRequest(options)
  // Named, because Node would take the name of the certificate from the Host header, which is the server's.
  return httpsRequest({ ...options, ca, servername: isIP(proxy.hostname) ? '' : proxy.hostname })
}

interface Attempt {
  readonly proxy: HttpProxy
  readonly authority: string
}

function problemWith(
  { statusCode = 0 }: IncomingMessage,
  head: Buffer,
  { proxy, authority }: Attempt,
): AtprotoAuthError | undefined {
  if (statusCode === 407)
    return proxyError(
      `The proxy ${proxy.origin} rejects the credentials of the option proxy, or requires some (407).`,
    )
  if (statusCode < 200 || statusCode > 299)
    return proxyError(`The proxy ${proxy.origin} answered CONNECT ${authority} with status ${statusCode}.`)
  // In TLS the client speaks first, so these bytes are not the server's.
  if (head.byteLength > 0) return proxyError(`The proxy ${proxy.origin} opened no tunnel to ${authority}.`)
  return undefined
}

/** A parse error holds what the proxy sent, which may quote the credentials. */
function causeOf(error: Error): Error | undefined {
  return 'rawPacket' in error ? undefined : error
}

function proxyError(message: string, cause?: Error): AtprotoAuthError {
  return new AtprotoAuthError('network_error', message, { cause, sent: false })
}
