/**
 * The only door to the outside: every request of this library leaves here. It checks the URL, judges each
 * resolved address at connect time (there is no second look-up to rebind), follows no redirect, and bounds
 * time and size by the kind of request. It stands on node:https rather than on the global fetch, which Next.js
 * patches with a cache and which cannot pin the address it vetted.
 */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, checkUrl, isAllowedAddress } from './address-policy.ts'
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

const MAX_BYTES = 64 * 1024
const TOTAL_MS = { discovery: 5_000, token: 30_000 }
const IDLE_MS = 60_000

/** The door, with its own pool of kept-alive connections. */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const policy: AddressPolicy = { allowLoopback: options.localNetwork !== undefined }
  const ca = options.localNetwork?.ca
  const shared = { keepAlive: true, lookup: vettedLookup(policy, options.lookup ?? lookup) }
  const http = new HttpAgent(shared)
  const https = new HttpsAgent(ca === undefined ? shared : { ...shared, ca: [...rootCertificates, ca] })

  return async (input, request) => {
    const url = checkUrl(input, policy)
    request.signal?.throwIfAborted()
    const deadline = request.kind === 'resource' ? undefined : AbortSignal.timeout(TOTAL_MS[request.kind])
    try {
      const agent = url.protocol === 'https:' ? https : http
      const message = await send(url, request, { agent, deadline, idleMs: options.idleMs ?? IDLE_MS })
      return await toResponse(message, request, (error) => explain(error, url, deadline))
    } catch (error) {
      request.signal?.throwIfAborted()
      throw explain(error, url, deadline)
    }
  }
}

interface SendOptions {
  readonly agent: HttpAgent | HttpsAgent
  readonly deadline: AbortSignal | undefined
  readonly idleMs: number
}

function send(
  url: URL,
  request: GuardedRequest,
  { agent, deadline, idleMs }: SendOptions,
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
    let incoming: IncomingMessage | undefined
    outgoing.on('response', (message) => {
      incoming = message
      resolve(message)
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(idleMs, () => {
      const error = new AtprotoAuthError('timeout', `${url.origin} sent nothing for ${idleMs / 1000} s.`)
      // The reader of a body that has begun is told the same.
      incoming?.destroy(error)
      outgoing.destroy(error)
    })
    if (body instanceof ReadableStream) sendStream(body, outgoing, reject)
    else outgoing.end(body)
  })
}

async function toResponse(
  message: IncomingMessage,
  { kind, maxBytes, signal }: GuardedRequest,
  explainError: (error: unknown) => AtprotoAuthError,
): Promise<Response> {
  const status = message.statusCode ?? 0
  // Not what Response takes: a protocol switch, or a number out of range.
  if (status < 200 || status > 599) {
    message.destroy()
    throw new AtprotoAuthError('invalid_response', `The answer has the impossible status ${status}.`)
  }
  const headers = new Headers()
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  if (status === 204 || status === 205 || status === 304) {
    // No body belongs to these. 205 may bring one all the same, perhaps an endless one: it is not read.
    if (status === 205) message.destroy()
    else message.resume()
    return new Response(null, { status, headers })
  }
  if (kind !== 'resource') return new Response(await readCapped(message, maxBytes), { status, headers })
  return new Response(receiveStream(message, explainError, signal), { status, headers })
}

async function readCapped(message: IncomingMessage, maxBytes = MAX_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message) {
    size += chunk.length
    if (size > maxBytes) {
      message.destroy()
      throw new AtprotoAuthError('response_too_large', `The answer holds more than ${maxBytes} bytes.`)
    }
    chunks.push(chunk)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}

/** A look-up that answers only when every address of the name is allowed. */
function vettedLookup(policy: AddressPolicy, resolve: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error('no address'), '')
      if (!addresses.every(({ address }) => isAllowedAddress(address, policy))) {
        return callback(
          new AtprotoAuthError('blocked_address', `${hostname} is not at a public address.`),
          '',
        )
      }
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function explain(error: unknown, url: URL, deadline: AbortSignal | undefined): AtprotoAuthError {
  if (error instanceof AtprotoAuthError) return error
  const endpoint = url.origin + url.pathname
  if (deadline?.aborted) {
    return new AtprotoAuthError('timeout', `${url.origin} did not answer in time.`, {
      cause: error,
      endpoint,
    })
  }
  return new AtprotoAuthError('network_error', `${url.origin} could not be reached.`, {
    cause: error,
    endpoint,
  })
}
