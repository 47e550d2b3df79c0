/**
 * The guarded fetch: every request of this library is sent by it. It checks the URL, checks each resolved IP address at
 * connect time (so DNS rebinding has no second look-up to attack), follows no redirects, and limits time and size by
 * the kind of request. It uses node:https instead of the global fetch: Next.js patches the global fetch with a cache,
 * and the global fetch cannot be bound to the address that was checked.
 */
import type { IncomingMessage } from 'node:http'
import { rootCertificates } from 'node:tls'
import { type AddressPolicy, checkUrl, isLoopbackHost, isPrivateHost } from './address-policy.ts'
import { checkedLookup, type Lookup } from './checked-lookup.ts'
import { type Agent, createConnections, wasStale } from './connections.ts'
import { createHostLookup } from './host-lookup.ts'
import { parseHttpProxy } from './http-proxy.ts'
import { CONNECT_MS, connectError, explainFailure, IDLE_MS, idleError, TOTAL_MS } from './limits.ts'
import { httpRequest, httpsRequest } from './node-http.ts'
import type { TunnelLimits, TunnelledRequestOptions } from './proxy-tunnel.ts'
import { receiveResponse } from './receive-response.ts'
import { headersFor } from './request-headers.ts'
import { sendStream } from './streamed-body.ts'

/**
 * - `discovery`: identity and metadata documents; at most 5 seconds and 64 KiB in total.
 * - `token`: requests to the authorization server; at most 30 seconds and 64 KiB in total.
 * - `resource`: calls to the PDS; any size, streamed, at most 60 seconds without a byte.
 */
export type RequestKind = 'discovery' | 'token' | 'resource'

/** A request, with the kind that decides its limits. */
export interface GuardedRequest {
  readonly kind: RequestKind
  readonly method?: string
  readonly headers?: Headers
  /** A stream is sent as it is read, and cancelled when the request is aborted. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>
  /** A smaller limit for the response body than that of the kind. */
  readonly maxBytes?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Resolves to the response, whatever its status. A redirect is returned, not followed.
 *
 * @throws AtprotoAuthError `blocked_address`, `network_error`, `timeout`, `response_too_large`
 */
export type GuardedFetch = (url: string | URL, request: GuardedRequest) => Promise<Response>

/** Options of `createGuardedFetch`. */
export interface GuardedFetchOptions {
  /** Allows a network on this machine, for development and tests. `ca` (PEM) is an additional certificate authority. */
  readonly localNetwork?: { readonly ca?: string | undefined } | undefined
  /** Names whose addresses may be private, as `parsePrivateHosts` returns them; default none. */
  readonly privateHosts?: readonly string[] | undefined
  /**
   * URL of an HTTP proxy through which requests leave, except to this machine and to `privateHosts`. The proxy resolves
   * the names, so this function cannot check their addresses. An empty text is none.
   */
  readonly proxy?: string | undefined
  /** Called with a message when an option seems to be missing or wrong, for the operator's log. */
  readonly warn?: ((message: string) => void) | undefined
  /** Resolves host names; default the DNS, and for names that the operator has named the system (`createHostLookup`). */
  readonly lookup?: Lookup | undefined
  /** How long a connection may go without a byte, in milliseconds; default 60,000. */
  readonly idleMs?: number | undefined
}

/**
 * Returns a guarded fetch with its own pool of connections. A GET that fails on a stale connection is sent once more.
 *
 * @throws ConfigurationError when `proxy` is no address of a proxy
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { localNetwork, privateHosts, warn } = options
  const policy: AddressPolicy = { allowLoopback: localNetwork !== undefined, privateHosts, warn }
  const ca = localNetwork?.ca
  const isTrusted = (hostname: string) => policy.allowLoopback || isPrivateHost(hostname, policy)
  const connections = createConnections({
    lookup: checkedLookup(policy, options.lookup ?? createHostLookup({ isTrusted }), warn),
    warn,
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
    proxy: options.proxy ? parseHttpProxy(options.proxy) : undefined,
    isDirect: (hostname) => isLoopbackHost(hostname) || isPrivateHost(hostname, policy),
  })

  return async (input, request) => {
    const url = checkUrl(input, policy)
    request.signal?.throwIfAborted()
    const deadline = request.kind === 'resource' ? undefined : AbortSignal.timeout(TOTAL_MS[request.kind])
    const connection: Connection = { isOpen: false, isReused: false, wait: {} }
    const shared = { deadline, connection, idleMs: options.idleMs ?? IDLE_MS }
    const isRepeatable = ['GET', 'HEAD'].includes(request.method ?? 'GET') && request.body === undefined
    try {
      const agent = connections.agentFor(url, isRepeatable ? 'repeatable' : 'once')
      const message = await send(url, request, { ...shared, agent }).catch((error: unknown) => {
        if (!isRepeatable || !wasStale(error, connection.isReused)) throw error
        return send(url, request, { ...shared, agent: connections.agentFor(url, 'fresh') })
      })
      return await receiveResponse(message, request, { url, deadline })
    } catch (error) {
      request.signal?.throwIfAborted()
      const silence = deadline?.aborted ? connection.wait.error : undefined
      throw explainFailure(silence ?? error, { url, deadline, isUnsent: !connection.isOpen })
    }
  }
}

interface SendOptions {
  readonly agent: Agent
  readonly deadline: AbortSignal | undefined
  readonly idleMs: number
  readonly connection: Connection
}

interface Connection {
  /** Set once there is a connection, from when on the request may have arrived. */
  isOpen: boolean
  isReused: boolean
  readonly wait: TunnelLimits['wait']
}

function send(
  url: URL,
  request: GuardedRequest,
  { agent, deadline, idleMs, connection }: SendOptions,
): Promise<IncomingMessage> {
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
  const signal = eitherOf(deadline, request.signal)
  const connectMs = Math.min(idleMs, CONNECT_MS)
  const options: TunnelledRequestOptions = {
    agent,
    method: request.method ?? 'GET',
    headers: headersFor(request, body),
    ...(signal && { signal }),
    tunnel: { signal, deadline, timeoutMs: connectMs, wait: connection.wait },
  }

  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options)
    outgoing.once('socket', (socket) => {
      const open = () => {
        connection.isOpen = true
      }
      connection.isReused = outgoing.reusedSocket
      if (outgoing.reusedSocket) return open()
      // Until the connection is open, Node applies its limit for idle connections instead.
      socket.setTimeout(connectMs)
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', open)
    })
    let incoming: IncomingMessage | undefined
    outgoing.on('response', (message) => {
      incoming = message
      resolve(message)
    })
    // Otherwise Node closes the connection without an error, and the request would never end: no limit of time holds then.
    outgoing.on('upgrade', (message, socket) => {
      socket.destroy()
      resolve(message)
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(idleMs, () => {
      const error = connection.isOpen ? idleError(url, idleMs) : connectError(url)
      // The reader of a response body that has begun gets the same error.
      incoming?.destroy(error)
      outgoing.destroy(error)
    })
    if (body instanceof ReadableStream) sendStream(body, outgoing, reject)
    else outgoing.end(body)
  })
}

/** The signal that ends the request. Most calls to a PDS have none, and none is made for them: each costs listeners. */
function eitherOf(
  deadline: AbortSignal | undefined,
  callerSignal: AbortSignal | undefined,
): AbortSignal | undefined {
  return deadline && callerSignal ? AbortSignal.any([deadline, callerSignal]) : (deadline ?? callerSignal)
}
