/** The caller's request as it goes to the PDS: a body that can be sent twice where possible, and harmless headers. */
import type { OpenedBody, RequestBody } from '../server/dpop.ts'

/** Bodies up to this size are held as bytes; larger blobs and forms are read again each time they are sent. */
const MAX_BUFFERED = 1024 * 1024
/** As for `fetch`, which forbids CONNECT and TRACE (https://fetch.spec.whatwg.org/#methods). */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * The method in upper case.
 *
 * @throws TypeError for a method that `fetch` would not send, or one that takes no body and is given one
 */
export function parseMethod({ method = 'GET', body }: RequestInit): string {
  const name = method.toUpperCase()
  if (!methods.has(name))
    throw new TypeError(`The method ${JSON.stringify(method.slice(0, 20))} is not supported.`)
  if (body !== null && body !== undefined && (name === 'GET' || name === 'HEAD')) {
    throw new TypeError(`A ${name} request takes no body.`)
  }
  return name
}

/**
 * The body as it can be sent: another nonce or a refreshed token may make it necessary to send it twice. Text, bytes and
 * small forms are kept as bytes; a Blob, or a FormData with files, of more than 1 MiB is read again each time;
 * a stream is sent once, as it comes, and never buffered.
 */
export async function prepareBody(body: BodyInit | null | undefined): Promise<RequestBody | undefined> {
  if (body === null || body === undefined) return undefined
  if (body instanceof Blob && body.size > MAX_BUFFERED) return blobBody(body)
  if (body instanceof FormData && sizeOf(body) > MAX_BUFFERED)
    return { replayable: true, open: () => read(body) }
  const isHeld =
    typeof body === 'string' ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  // A ReadableStream, or what fetch takes for one, such as an async iterable.
  if (!isHeld) return { replayable: false, open: () => read(body) }
  const carrier = new Response(body)
  const contentType = carrier.headers.get('content-type')
  const content = new Uint8Array(await carrier.arrayBuffer())
  return { replayable: true, open: () => ({ content, contentType }) }
}

function blobBody(blob: Blob): RequestBody {
  const open = () => ({ content: blob.stream(), contentType: blob.type || null, length: blob.size })
  return { replayable: true, open }
}

function read(body: BodyInit): OpenedBody {
  const carrier = new Response(body)
  return { content: carrier.body ?? new Uint8Array(), contentType: carrier.headers.get('content-type') }
}

function sizeOf(form: FormData): number {
  let size = 0
  for (const [, value] of form) size += typeof value === 'string' ? value.length : value.size
  return size
}

/**
 * Headers that say who asks, or that belong to one connection (RFC 9110 §7.6.1). An application that forwards
 * the headers of an incoming request must not forward its visitor's cookies or a token of its own with them.
 */
const dropped: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'dpop',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])
const droppedPrefix =
  /^(x-forwarded-|x-real-ip|x-client-ip|x-original-|x-vercel-|cf-|true-client-ip|sec-|proxy-)/

/** The caller's headers without `dropped` ones and those of one connection. */
export function resourceHeaders(init: HeadersInit | undefined): Headers {
  const headers = new Headers()
  const original = new Headers(init)
  const perHop = new Set(
    original
      .get('connection')
      ?.toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  for (const [name, value] of original) {
    if (!perHop.has(name) && !dropped.has(name) && !droppedPrefix.test(name)) headers.append(name, value)
  }
  return headers
}
