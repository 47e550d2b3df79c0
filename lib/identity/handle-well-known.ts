/** Handle → DID by the file that the handle's host serves (atproto.com/specs/handle, "HTTPS well-known Method"). */
import { AtprotoAuthError } from '../errors.ts'
import { type Did, type Handle, isDid } from './syntax.ts'
import { askStranger, type BudgetDeps } from './unverified-host-limit.ts'

const MAX_HOPS = 3
/** For all hops together. */
const LIMIT_MS = 5_000
/** A DID has no more characters than that, and a page has many more. */
const MAX_BYTES = 2_048
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The DID in the file; undefined when there is none or the host cannot be reached: to the visitor that is the same. */
export async function askHost(
  handle: Handle,
  deps: BudgetDeps,
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

async function follow(start: URL, deps: BudgetDeps, signal: AbortSignal): Promise<Did | undefined> {
  let url: URL | null = start
  for (let hop = 0; url && hop <= MAX_HOPS; hop += 1) {
    // The door judges each address; its own rule for local networks does not open them to redirects.
    if (url.protocol !== 'https:' || url.port !== '') return undefined
    const response = await askStranger(url, { signal, maxBytes: MAX_BYTES }, deps)
    if (response.ok) return readDid(response, url.hostname, deps)
    const location = response.headers.get('location')
    if (!redirects.has(response.status) || !location) return undefined
    url = URL.parse(location, url)
  }
  return undefined
}

async function readDid(response: Response, host: string, deps: BudgetDeps): Promise<Did | undefined> {
  const text = (await response.text()).trim()
  if (!isDid(text)) return undefined
  deps.memory?.hosts.trust(host)
  return text
}
