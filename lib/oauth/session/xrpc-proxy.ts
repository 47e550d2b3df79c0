/**
 * XRPC for an application's own pages: a route forwards a browser's call to the PDS and returns the answer. Only listed
 * methods, a fixed service, and an answer that cannot act on the application's origin (RFC 10017, "Backend For
 * Frontend").
 */
import { contentEncodingOf } from '../../net/content-encoding.ts'
import { discardBody } from '../../net/discard-body.ts'
import { mediaTypeOf } from '../../net/media-type.ts'
import { parseServiceId } from '../resource/service-id.ts'
import type { OAuthSession } from './session.ts'

export interface PassThroughOptions {
  /** The methods that browsers may call, e.g. `{ 'app.bsky.feed.getTimeline': 'GET' }`. */
  readonly allow: Readonly<Record<string, 'GET' | 'POST'>>
  /** The service that the calls are for, e.g. `did:web:api.bsky.app#bsky_appview`; default the PDS itself. */
  readonly proxy?: string | undefined
}

const MAX_HELD = 1024 * 1024
/** Types that a browser shows without running anything in them; all others, also SVG, are offered as files. */
const inert =
  /^(application\/json|text\/plain|image\/(png|jpeg|gif|webp|avif)|video\/(mp4|webm)|audio\/[a-z0-9.+-]+)$/
/** The headers of a browser that are forwarded, and those of the PDS. */
const requestHeaders = [
  'accept',
  'accept-language',
  'atproto-accept-labelers',
  'content-type',
  'if-none-match',
  'range',
]
const responseHeaders = [
  'accept-ranges',
  'atproto-content-labelers',
  'atproto-repo-rev',
  'content-language',
  'content-range',
  'etag',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
]
/** Not cached, and not embedded by other sites, even where a browser does not say which site asks. */
const forOwnPages = { 'cache-control': 'private, no-store', 'cross-origin-resource-policy': 'same-origin' }

/**
 * The response of a route such as `app/api/xrpc/[nsid]/route.ts` to a browser's request: 404 for a method that is
 * not listed, 405 for the wrong verb, 403 for what comes from another origin, else what the PDS answers, made harmless.
 * The target, the token and `atproto-proxy` never come from the browser.
 *
 * @param nsid the method that the browser asks for, as it came
 * @throws what `OAuthSession.fetchHandler` throws; TypeError when `proxy` is no service
 */
export async function passThrough(
  session: Pick<OAuthSession, 'fetchHandler'>,
  nsid: string,
  request: Request,
  { allow, proxy }: PassThroughOptions,
): Promise<Response> {
  const method = Object.hasOwn(allow, nsid) ? allow[nsid] : undefined
  if (method === undefined) return xrpcRefusal(404, 'MethodNotFound')
  if (request.method !== method) return xrpcRefusal(405, 'InvalidRequest')
  const isOwn = method === 'POST' ? isFromOwnPage(request) : isFromNoOtherPage(request)
  if (!isOwn) return xrpcRefusal(403, 'Forbidden')

  const headers = new Headers(proxy === undefined ? {} : { 'atproto-proxy': parseServiceId(proxy) })
  copyHeaders(requestHeaders, request.headers, headers)
  const body = method === 'POST' ? await bodyOf(request) : undefined
  const response = await session.fetchHandler(`/xrpc/${nsid}${new URL(request.url).search}`, {
    method,
    headers,
    signal: request.signal,
    ...(body && { body }),
  })
  return harmless(response)
}

/** Small bodies are kept, so that they can be sent twice; others are forwarded as they come. */
async function bodyOf(request: Request): Promise<BodyInit | null> {
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!(length <= MAX_HELD)) return request.body
  const bytes = await request.arrayBuffer()
  return bytes.byteLength > 0 ? bytes : null
}

/** Whether a POST comes from one of our pages: browsers say so, or they ask first for media types that no form has. */
function isFromOwnPage({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const type = mediaTypeOf(headers)
  return (
    type !== undefined &&
    !/^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)$/.test(type)
  )
}

/** Whether no other site sent a GET: a sibling subdomain's comes with the visitor's cookie and would use their token. */
function isFromNoOtherPage({ headers }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  // Old browsers do not say it, nor does any at a plain http address; `none` is the visitor's own navigation.
  return site === null || site === 'same-origin' || site === 'none'
}

/** No cookie, policy, redirect or page of the PDS reaches the browser as ours. */
function harmless(response: Response): Response {
  const { status } = response
  // A redirect would lead the browser to the PDS, or anywhere; 304 answers if-none-match.
  if (status >= 300 && status < 400 && status !== 304) {
    void discardBody(response)
    return xrpcRefusal(502, 'UpstreamFailure')
  }
  // In a coding that could not be decoded, of which the browser would not be told.
  if (response.body && contentEncodingOf(response.headers) !== undefined) {
    void discardBody(response)
    return xrpcRefusal(502, 'UpstreamFailure')
  }
  const type = mediaTypeOf(response.headers) ?? ''
  const headers = new Headers({
    'content-type': inert.test(type) ? type : 'application/octet-stream',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    ...forOwnPages,
    vary: 'cookie',
  })
  if (!inert.test(type)) headers.set('content-disposition', 'attachment')
  copyHeaders(responseHeaders, response.headers, headers)
  return new Response(response.body, { status, headers })
}

function copyHeaders(names: readonly string[], from: Headers, to: Headers): void {
  for (const name of names) {
    const value = from.get(name)
    if (value !== null) to.set(name, value)
  }
}

/** A refusal as XRPC words it (atproto.com/specs/xrpc, "Error Responses"). */
export function xrpcRefusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: forOwnPages })
}
