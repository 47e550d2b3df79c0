/**
 * A guarded fetch that sends requests through a `fetch` function of the application or platform, for runtimes without
 * node:https. The rules for URLs are the same: https, no IP addresses, no reserved names, no redirects, and the time
 * and size limits of the kind of request.
 *
 * One check is missing: a `fetch` does not tell which IP address it connects to, so a public name that leads to a
 * private address is not detected here. The application that passes the `fetch` must keep requests out of its internal
 * network, by egress rules or a proxy that checks addresses.
 */
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from './address-policy.ts'
import { headersOfDecoded, wantsIdentity } from './content-encoding.ts'
import type { GuardedFetch, GuardedRequest } from './guarded-fetch.ts'
import { checkStatus, hasNoBody, IDLE_MS, MAX_BYTES } from './limits.ts'
import { readBytes } from './read-bytes.ts'
import { createRequestTimeouts, type RequestTimeouts } from './request-timeouts.ts'

/** Options of `createPlatformFetch`. */
export interface PlatformFetchOptions extends AddressPolicy {
  /** How long a request may go without a byte sent or received, in milliseconds; default 60,000. */
  readonly idleMs?: number | undefined
}

/** Returns a guarded fetch on top of `fetch`, which is never called for a URL that the rules refuse. */
export function createPlatformFetch(
  fetch: typeof globalThis.fetch,
  options: PlatformFetchOptions,
): GuardedFetch {
  const cache = supportsCacheOption() ? ({ cache: 'no-store' } as const) : {}
  return async (input, request) => {
    const url = checkUrl(input, options)
    request.signal?.throwIfAborted()
    const timeouts = createRequestTimeouts(url, request, options.idleMs ?? IDLE_MS)
    try {
      const init = { ...initOf(request, timeouts), ...cache }
      const response = await timeouts.limit(fetch(url.href, init))
      return await toResponse(response, request, timeouts)
    } catch (error) {
      throw timeouts.fail(error)
    }
  }
}

/** Some platforms have no HTTP cache and throw when the option is present. */
function supportsCacheOption(): boolean {
  try {
    return Boolean(new Request('https://host.invalid', { cache: 'no-store' }))
  } catch {
    return false
  }
}

function initOf(request: GuardedRequest, timeouts: RequestTimeouts): RequestInit & { duplex?: 'half' } {
  const headers = new Headers(request.headers)
  // Where no header is set, a fetch asks for the codings that it decodes itself. If it ignores `identity`, the size limits
  // apply to the decompressed body.
  if (wantsIdentity(request)) headers.set('accept-encoding', 'identity')
  else headers.delete('accept-encoding')
  if (!headers.has('user-agent')) headers.set('user-agent', 'next-atproto-auth')
  const common = {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    signal: timeouts.signal,
  } as const
  const { body } = request
  if (body === undefined) return common
  if (body instanceof ReadableStream)
    return { ...common, body: timeouts.wrapRequestBody(body), duplex: 'half' }
  // As bytes: for a string, fetch would set a content type.
  return {
    ...common,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body),
  }
}

async function toResponse(
  response: Response,
  { kind, maxBytes = MAX_BYTES }: GuardedRequest,
  timeouts: RequestTimeouts,
): Promise<Response> {
  const { status } = response
  const body = response.body && timeouts.wrapResponseBody(response.body)
  try {
    checkNotRedirected(response, timeouts.url)
    checkStatus(status)
    // A fetch returns the body decompressed, but keeps the headers of the compressed one.
    const isEncoded = response.headers.has('content-encoding')
    const headers = isEncoded ? headersOfDecoded(response.headers) : new Headers(response.headers)
    if (hasNoBody(status) || !body) {
      await body?.cancel()
      return new Response(null, { status, headers })
    }
    if (kind === 'resource') return new Response(body, { status, headers })
    return new Response(await readBytes(new Response(body), maxBytes, timeouts.url.origin), {
      status,
      headers,
    })
  } catch (error) {
    // The response is refused, so the platform can release the connection. A failure to cancel does not matter.
    if (!body?.locked) await body?.cancel().catch(() => undefined)
    throw error
  }
}

/** A redirect arrives as it is, or as the opaque response of the Fetch standard. It must not have been followed. */
function checkNotRedirected(response: Response, url: URL): void {
  const [endpoint, { status }] = [url.origin, response]
  if (response.type === 'opaqueredirect') {
    throw new AtprotoAuthError(
      'invalid_response',
      `${endpoint} answered with a redirect, which is not followed.`,
      {
        endpoint,
      },
    )
  }
  const isElsewhere = response.url !== '' && URL.parse(response.url)?.origin !== url.origin
  if (!response.redirected && !isElsewhere) return
  throw new AtprotoAuthError(
    'blocked_address',
    `The fetch option of the client followed a redirect from ${endpoint}, although the request does not allow redirects.`,
    { endpoint, status },
  )
}
