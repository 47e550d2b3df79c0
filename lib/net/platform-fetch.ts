/**
 * The guarded door over a fetch that the application or its platform brings, for where there is no node:https.
 * The same rules by name: https, no IP literals, no reserved names, no redirects, time and size by kind.
 *
 * What the platform must give: a fetch cannot tell which address it connects to, so a public name that leads to
 * a private address is not noticed here. Keeping requests from the inside of a network — egress rules, or a
 * proxy that judges addresses — is the part of whoever hands in the fetch.
 */
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from './address-policy.ts'
import { createWatch, type Watch } from './exchange-watch.ts'
import type { GuardedFetch, GuardedRequest } from './guarded-fetch.ts'
import { checkStatus, hasNoBody, IDLE_MS, MAX_BYTES } from './limits.ts'
import { readBytes } from './read-bytes.ts'

export interface PlatformFetchOptions extends AddressPolicy {
  /** How long an exchange may stay without a byte, in milliseconds; default a minute. */
  readonly idleMs?: number | undefined
}

/** The door over `fetch`, which is never called for an address that the rules refuse. */
export function createPlatformFetch(
  fetch: typeof globalThis.fetch,
  options: PlatformFetchOptions,
): GuardedFetch {
  const cache = takesCache() ? ({ cache: 'no-store' } as const) : {}
  return async (input, request) => {
    const url = checkUrl(input, options)
    request.signal?.throwIfAborted()
    const watch = createWatch(url, request, options.idleMs ?? IDLE_MS)
    try {
      const init = { ...initOf(request, watch), ...cache }
      const response = await watch.over(fetch(url.href, init))
      return await toResponse(response, request, watch)
    } catch (error) {
      throw watch.fail(error)
    }
  }
}

/** Some platforms have no cache to speak of, and throw when it is mentioned. */
function takesCache(): boolean {
  try {
    return Boolean(new Request('https://host.invalid', { cache: 'no-store' }))
  } catch {
    return false
  }
}

function initOf(request: GuardedRequest, watch: Watch): RequestInit & { duplex?: 'half' } {
  const headers = new Headers(request.headers)
  // Where the platform does not heed it, the caps hold for what it has unpacked.
  headers.set('accept-encoding', 'identity')
  if (!headers.has('user-agent')) headers.set('user-agent', 'next-atproto-auth')
  const common = {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    signal: watch.signal,
  } as const
  const { body } = request
  if (body === undefined) return common
  if (body instanceof ReadableStream) return { ...common, body: watch.sending(body), duplex: 'half' }
  // As bytes: for a text, fetch would name a content type of its own.
  return {
    ...common,
    body: typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body),
  }
}

async function toResponse(
  response: Response,
  { kind, maxBytes = MAX_BYTES }: GuardedRequest,
  watch: Watch,
): Promise<Response> {
  const { status } = response
  const body = response.body && watch.receiving(response.body)
  try {
    checkUnfollowed(response, watch.url)
    checkStatus(status)
    const headers = unpackedHeaders(response.headers)
    if (hasNoBody(status) || !body) {
      await body?.cancel()
      return new Response(null, { status, headers })
    }
    if (kind === 'resource') return new Response(body, { status, headers })
    return new Response(await readBytes(new Response(body), maxBytes, watch.url.origin), { status, headers })
  } catch (error) {
    // Refused: the platform need not hold the connection. What becomes of the rest is nobody's concern.
    if (!body?.locked) await body?.cancel().catch(() => undefined)
    throw error
  }
}

/** A redirect comes as it is, or as the opaque answer of the Fetch standard; it is never behind us. */
function checkUnfollowed(response: Response, url: URL): void {
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
    `The fetch given to the client followed a redirect of ${endpoint} although it was told not to.`,
    { endpoint, status },
  )
}

/** fetch hands out the body unpacked, with the headers of the packed one. */
function unpackedHeaders(received: Headers): Headers {
  const headers = new Headers(received)
  if (!headers.has('content-encoding')) return headers
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  return headers
}
