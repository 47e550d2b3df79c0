/**
 * Handle → DID through the file that the handle's host serves (atproto.com/specs/handle, "HTTPS well-known Method").
 */
import { AtprotoAuthError } from '../errors.ts'
import { type AddressPolicy, isPrivateHost } from '../net/address-policy.ts'
import { isRefusal, isTooLarge, isUnknownHost } from './could-not-ask.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import { fetchFromUnverifiedHost, type UnverifiedHostDeps } from './unverified-host-limit.ts'

export type WellKnownDeps = UnverifiedHostDeps & Pick<AddressPolicy, 'privateHosts'>

const MAX_REDIRECTS = 3
/** For all redirects together. */
const LIMIT_MS = 5_000
/** Longer than any DID; a web page that comes in its place is usually longer still. */
const MAX_BYTES = 2_048
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** There is definitely no DID. */
export interface NoFile {
  /** What follows "its host", for the log: it tells apart what a visitor must not. */
  readonly reason: string
  readonly cause?: unknown
}

const notADid: NoFile = { reason: 'answered with something other than a DID' }

/**
 * Returns the DID in the file, or that there is definitely none: the host's name does not exist, or the host answered with
 * something else.
 *
 * @throws AtprotoAuthError when the host could not be asked: it gave no answer, or one that only refuses this request.
 *   The code and the message say why, so they must not reach the visitor.
 */
export async function fetchWellKnownDid(
  handle: Handle,
  deps: WellKnownDeps,
  signal?: AbortSignal,
): Promise<Did | NoFile> {
  const deadline = AbortSignal.timeout(LIMIT_MS)
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline
  const start = new URL(`https://${handle}/.well-known/atproto-did`)
  try {
    return await follow(start, deps, either)
  } catch (cause) {
    signal?.throwIfAborted()
    if (!deadline.aborted || cause instanceof AtprotoAuthError) throw cause
    throw new AtprotoAuthError('timeout', `${start.origin} did not answer in time.`, { cause })
  }
}

async function follow(start: URL, deps: WellKnownDeps, signal: AbortSignal): Promise<Did | NoFile> {
  let url: URL | null = start
  for (let count = 0; url && count <= MAX_REDIRECTS; count += 1) {
    // The guarded fetch checks each address, but on a local network it would also allow http and other ports.
    if (url.protocol !== 'https:' || url.port !== '') break
    const response = await request(url, url === start, { ...deps, signal })
    if (!(response instanceof Response)) return response
    const { status, headers } = response
    if (response.ok) return readDid(response, url.hostname, deps)
    if (isRefusal(status)) {
      const endpoint = url.origin + url.pathname
      throw new AtprotoAuthError('network_error', `${endpoint} was answered with status ${status}.`, {
        endpoint,
        status,
      })
    }
    const location = headers.get('location')
    if (!redirects.has(status) || !location) return { reason: `answered with status ${status}` }
    url = URL.parse(location, url)
  }
  return { reason: 'answered with a redirect that is not followed' }
}

/** The response, or that there is certainly no file. */
async function request(
  url: URL,
  isFirst: boolean,
  { signal, ...deps }: WellKnownDeps & { readonly signal: AbortSignal },
): Promise<Response | NoFile> {
  try {
    // A named host serves its own handles; no other host may send requests there.
    if (!isFirst && isPrivateHost(url.hostname, deps)) throw blockedByRedirect(url)
    return await fetchFromUnverifiedHost(url, { signal, maxBytes: MAX_BYTES }, deps)
  } catch (error) {
    // A name inside our network is told as one that does not exist, so that a visitor does not learn which names there
    // are. Not after a redirect, whose target is chosen by its server: it must not learn that either, so all failures
    // are alike.
    const nowhere = isFirst ? noPublicHost(error, url.hostname) : undefined
    if (nowhere) return nowhere
    if (isTooLarge(error)) return notADid
    throw error
  }
}

/** That no public host has the name; undefined for any other failure. */
function noPublicHost(error: unknown, hostname: string): NoFile | undefined {
  if (isUnknownHost(error, hostname)) return { reason: 'does not exist', cause: error }
  const isBlocked = error instanceof AtprotoAuthError && error.code === 'blocked_address'
  return isBlocked ? { reason: 'has no public address' } : undefined
}

function blockedByRedirect(url: URL): AtprotoAuthError {
  return new AtprotoAuthError(
    'blocked_address',
    `A redirect to ${url.host}, which is in privateHosts, is not followed.`,
    { sent: false },
  )
}

async function readDid(response: Response, host: string, deps: UnverifiedHostDeps): Promise<Did | NoFile> {
  const text = (await response.text()).trim()
  if (!isDid(text)) return notADid
  deps.caches?.hostLimit.markVerified(host)
  return text
}
