/** What of a caller's request goes to the PDS: its body in a form that can be sent twice, and harmless headers. */

export interface PreparedBody {
  readonly bytes: Uint8Array
  /** What the body's own type implies, e.g. for FormData and Blob. */
  readonly contentType: string | null
}

/** The body as bytes: a nonce or a renewed token makes a second sending necessary, and streams run dry. */
export async function prepareBody(body: BodyInit | null | undefined): Promise<PreparedBody | undefined> {
  if (body === null || body === undefined) return undefined
  const carrier = new Response(body)
  return {
    contentType: carrier.headers.get('content-type'),
    bytes: new Uint8Array(await carrier.arrayBuffer()),
  }
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

/** The headers of one attempt. */
export function resourceHeaders(init: HeadersInit | undefined, body: PreparedBody | undefined): Headers {
  const headers = new Headers()
  const given = new Headers(init)
  const perHop = new Set(
    given
      .get('connection')
      ?.toLowerCase()
      .split(/\s*,\s*/),
  )
  for (const [name, value] of given) {
    if (!perHop.has(name) && !dropped.has(name) && !droppedPrefix.test(name)) headers.append(name, value)
  }
  if (body?.contentType && !headers.has('content-type')) headers.set('content-type', body.contentType)
  return headers
}
