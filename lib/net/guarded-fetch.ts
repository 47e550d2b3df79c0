/**
 * The only door to the outside: every request of this library leaves here. It checks the URL, judges each
 * resolved address at connect time (there is no second look-up to rebind), follows no redirect, and bounds
 * time and size by the kind of request. It stands on node:https rather than on the global fetch, which Next.js
 * patches with a cache and which cannot pin the address it vetted.
 */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, checkUrl, isAllowedAddress } from './address-policy.ts'
import { type Agent, createConnections, wasStale } from './connections.ts'
import {
  CONNECT_MS,
  checkStatus,
  connectError,
  explainFailure,
  hasNoBody,
  IDLE_MS,
  idleError,
  MAX_BYTES,
  TOTAL_MS,
} from './limits.ts'
import { readBytes } from './read-bytes.ts'
import { receiveStream, sendStream } from './streamed-body.ts'

/**
 * - `discovery`: identity and metadata documents: 5 s and 64 KiB in all.
 * - `token`: requests to the authorization server: 30 s and 64 KiB in all.
 * - `resource`: calls to the PDS: any size, streamed, 60 s without a byte at most.
 */
export type RequestKind = 'discovery' | 'token' | 'resource'

export interface GuardedRequest {
  readonly kind: RequestKind
  readonly method?: string
  readonly headers?: Headers
  /** A stream is sent as it comes, and cancelled when the request is given up. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>
  /** A smaller cap on the answer than the kind's own. */
  readonly maxBytes?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The response, whatever its status; a redirect is answered as it came.
 *
 * @throws AtprotoAuthError `blocked_address`, `network_error`, `timeout`, `response_too_large`
 */
export type GuardedFetch = (url: string | URL, request: GuardedRequest) => Promise<Response>

export interface GuardedFetchOptions {
  /** Reach a network on this machine (development and tests), whose certificates `ca` (PEM) also signs. */
  readonly localNetwork?: { readonly ca?: string | undefined } | undefined
  /** Name look-ups; default `dns.lookup`, the machine's own. */
  readonly lookup?: Lookup | undefined
  /** How long a connection may stay without a byte, in milliseconds; default a minute. */
  readonly idleMs?: number | undefined
}

/** As `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** The door, with connections of its own. A GET that meets one that was closed meanwhile is sent once more. */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const policy: AddressPolicy = { allowLoopback: options.localNetwork !== undefined }
  const ca = options.localNetwork?.ca
  const connections = createConnections({
    lookup: vettedLookup(policy, options.lookup ?? lookup),
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
  })

  return async (input, request) => {
    const url = checkUrl(input, policy)
    request.signal?.throwIfAborted()
    const deadline = request.kind === 'resource' ? undefined : AbortSignal.timeout(TOTAL_MS[request.kind])
    const wire = { isOpen: false, isReused: false }
    const shared = { deadline, wire, idleMs: options.idleMs ?? IDLE_MS }
    const isRepeatable = ['GET', 'HEAD'].includes(request.method ?? 'GET') && request.body === undefined
    try {
      const agent = connections.agentFor(url, isRepeatable ? 'repeatable' : 'once')
      const message = await send(url, request, { ...shared, agent }).catch((error: unknown) => {
        if (!isRepeatable || !wasStale(error, wire.isReused)) throw error
        return send(url, request, { ...shared, agent: connections.agentFor(url, 'fresh') })
      })
      return await toResponse(message, request, { url, deadline })
    } catch (error) {
      request.signal?.throwIfAborted()
      throw explainFailure(error, { url, deadline, isUnsent: !wire.isOpen })
    }
  }
}

interface SendOptions {
  readonly agent: Agent
  readonly deadline: AbortSignal | undefined
  readonly idleMs: number
  /** Told when there is a connection, so that something of the request may have arrived, and whether it is an old one. */
  readonly wire: { isOpen: boolean; isReused: boolean }
}

function send(
  url: URL,
  request: GuardedRequest,
  { agent, deadline, idleMs, wire }: SendOptions,
): Promise<IncomingMessage> {
  const headers = new Headers(request.headers)
  // Compressed answers are refused at the source: a bomb cannot be measured before it is unpacked.
  headers.set('accept-encoding', 'identity')
  if (!headers.has('user-agent')) headers.set('user-agent', 'next-atproto-auth')
  const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
  if (body instanceof Uint8Array) headers.set('content-length', String(body.byteLength))
  // Said outright: for DELETE, Node would send the chunks bare, and they would be read as another request.
  else if (body && !headers.has('content-length')) headers.set('transfer-encoding', 'chunked')
  const signals = [deadline, request.signal].filter((signal) => signal !== undefined)

  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      agent,
      method: request.method ?? 'GET',
      headers: Object.fromEntries(headers),
      signal: AbortSignal.any(signals),
    })
    outgoing.once('socket', (socket) => {
      const open = () => {
        wire.isOpen = true
      }
      wire.isReused = outgoing.reusedSocket
      if (outgoing.reusedSocket) return open()
      // Until it is open, Node holds it to the limit for connections that lie idle.
      socket.setTimeout(Math.min(idleMs, CONNECT_MS))
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', open)
    })
    let incoming: IncomingMessage | undefined
    outgoing.on('response', (message) => {
      incoming = message
      resolve(message)
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(idleMs, () => {
      const error = wire.isOpen ? idleError(url, idleMs) : connectError(url)
      // The reader of a body that has begun is told the same.
      incoming?.destroy(error)
      outgoing.destroy(error)
    })
    if (body instanceof ReadableStream) sendStream(body, outgoing, reject)
    else outgoing.end(body)
  })
}

interface Asked {
  readonly url: URL
  readonly deadline: AbortSignal | undefined
}

async function toResponse(
  message: IncomingMessage,
  { kind, maxBytes = MAX_BYTES, signal }: GuardedRequest,
  { url, deadline }: Asked,
): Promise<Response> {
  const status = message.statusCode ?? 0
  if (hasNoBody(status)) {
    // 205 may bring a body all the same, perhaps an endless one: it is not read.
    if (status === 205) message.destroy()
    else message.resume()
    return new Response(null, { status, headers: headersOf(message) })
  }
  const stream = receiveStream(message, (error) => explainFailure(error, { url, deadline }), signal)
  try {
    checkStatus(status)
    const body = kind === 'resource' ? stream : await readBytes(new Response(stream), maxBytes, url.origin)
    return new Response(body, { status, headers: headersOf(message) })
  } catch (error) {
    message.destroy()
    throw error
  }
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  return headers
}

/** A look-up that answers only when every address of the name is allowed. */
function vettedLookup(policy: AddressPolicy, resolve: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error('no address'), '')
      if (!addresses.every(({ address }) => isAllowedAddress(address, policy))) {
        return callback(
          new AtprotoAuthError('blocked_address', `${hostname} is not at a public address.`, { sent: false }),
          '',
        )
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
