/**
 * Handle → DID through the file that the handle's host serves (atproto.com/specs/handle, "HTTPS well-known Method").
 */
import { AtprotoAuthError } from '../errors.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import { fetchFromUnverifiedHost, type UnverifiedHostDeps } from './unverified-host-limit.ts'

const MAX_REDIRECTS = 3
/** For all redirects together. */
const LIMIT_MS = 5_000
/** Longer than any DID; a web page that comes in its place is usually longer still. */
const MAX_BYTES = 2_048
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Returns the DID in the file, or undefined when there is none. A host that cannot be reached also gives undefined, so
 * that the user who typed the handle cannot tell the two apart.
 */
export async function fetchWellKnownDid(
  handle: Handle,
  deps: UnverifiedHostDeps,
  signal?: AbortSignal,
): Promise<Did | undefined> {
  const deadline = AbortSignal.timeout(LIMIT_MS)
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    return await follow(new URL(`https://${handle}/.well-known/atproto-did`), deps, either)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof AtprotoAuthError || deadline.aborted) return undefined
    throw error
  }
}

async function follow(start: URL, deps: UnverifiedHostDeps, signal: AbortSignal): Promise<Did | undefined> {
  let url: URL | null = start
  for (let count = 0; url && count <= MAX_REDIRECTS; count += 1) {
    // The guarded fetch checks each address, but on a local network it would also allow http and other ports.
    if (url.protocol !== 'https:' || url.port !== '') return undefined
    const response = await fetchFromUnverifiedHost(url, { signal, maxBytes: MAX_BYTES }, deps)
    if (response.ok) return readDid(response, url.hostname, deps)
    const location = response.headers.get('location')
    if (!redirects.has(response.status) || !location) return undefined
    url = URL.parse(location, url)
  }
  return undefined
}

async function readDid(response: Response, host: string, deps: UnverifiedHostDeps): Promise<Did | undefined> {
  const text = (await response.text()).trim()
  if (!isDid(text)) return undefined
  deps.caches?.hostLimit.markVerified(host)
  return text
}
