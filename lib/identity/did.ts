/** DID → document → handle and PDS (atproto.com/specs/did). */
import { z } from 'zod'
import { AtprotoAuthError, ConfigurationError, OAuthResolverError } from '../errors.ts'
import { checkUrl } from '../net/address-policy.ts'
import { readJson } from '../net/read-json.ts'
import { type Cache, type RecallOptions, recallFrom } from './cache.ts'
import { type Did, type Handle, isHandle } from './syntax.ts'
import { askStranger, type BudgetDeps, type HostBudget } from './unverified-host-limit.ts'

export interface DidDeps extends BudgetDeps, RecallOptions {
  /** Origin of the PLC directory, e.g. `https://plc.directory`. */
  readonly plcDirectory: string
  /** Whether http and loopback addresses are allowed for the PDS. */
  readonly allowLoopback: boolean
  /** Left out: nothing is remembered. */
  readonly memory?: { readonly hosts: HostBudget; readonly documents: Cache<DidDocument> } | undefined
}

/** What this library reads from a DID document. */
export interface DidDocument {
  readonly did: Did
  /** The handle that the document claims; believed only once the handle resolves to this DID. */
  readonly claimedHandle: Handle | undefined
  /** Origin of the PDS. */
  readonly pds: string
}

const documentSchema = z.object({
  id: z.string(),
  alsoKnownAs: z.array(z.string()).optional(),
  service: z.array(z.object({ id: z.string(), type: z.unknown(), serviceEndpoint: z.unknown() })).optional(),
})

/**
 * The document of a DID, from the PLC directory or the did:web host, or as remembered: `fresh` asks them anew.
 *
 * @throws OAuthResolverError `identity_not_found` when there is none or it names no usable PDS,
 *   `server_unavailable` when the directory gave no proper answer
 */
export async function resolveDid(did: Did, deps: DidDeps, signal?: AbortSignal): Promise<DidDocument> {
  const { plcDirectory, allowLoopback, memory } = deps
  const key = JSON.stringify([did, plcDirectory, allowLoopback])
  const load = (signal?: AbortSignal) => fetchDocument(did, deps, signal)
  return recallFrom(memory?.documents, key, load, { ...deps, signal })
}

async function fetchDocument(did: Did, deps: DidDeps, signal?: AbortSignal): Promise<DidDocument> {
  const url = documentUrl(did, deps)
  const response = await askForDocument(url, did, deps, signal)
  const document = await readJson(response, documentSchema, url.origin).catch((cause: unknown) => {
    throw new OAuthResolverError('identity_not_found', `${did} has no readable document.`, { cause, did })
  })
  if (document.id !== did) {
    throw new OAuthResolverError('identity_not_found', `The document found for ${did} is another one's.`, {
      did,
    })
  }
  if (isWeb(did)) deps.memory?.hosts.trust(url.hostname)
  const handles = (document.alsoKnownAs ?? [])
    .filter((uri) => uri.startsWith('at://'))
    .map((uri) => uri.slice(5).toLowerCase())
  return { did, claimedHandle: handles.find(isHandle), pds: pdsOf(did, document.service ?? [], deps) }
}

function isWeb(did: Did): boolean {
  return did.startsWith('did:web:')
}

function documentUrl(did: Did, { plcDirectory, allowLoopback }: DidDeps): URL {
  if (isWeb(did)) return new URL(`https://${did.slice('did:web:'.length)}/.well-known/did.json`)
  const url = new URL(`/${did}`, plcDirectory)
  if (!allowLoopback && url.port !== '') {
    throw new ConfigurationError('The PLC directory has to be at the https port, 443.')
  }
  return url
}

async function askForDocument(
  url: URL,
  did: Did,
  deps: DidDeps,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/did+ld+json, application/json' })
  // Only the host of a did:web is a stranger's choice; the directory is the operator's.
  const ask = isWeb(did)
    ? askStranger(url, { headers, signal }, deps)
    : deps.fetch(url, { kind: 'discovery', headers, signal })
  const response = await ask.catch((cause: unknown) => {
    signal?.throwIfAborted()
    // A did:web host is one that the visitor named: whether it is down, closed or inside stays our secret.
    const code = isWeb(did) ? 'identity_not_found' : 'server_unavailable'
    throw new OAuthResolverError(code, `The document of ${did} could not be fetched.`, { cause, did })
  })
  if (response.status === 200) return response
  const { status } = response
  const gone = status === 404 || status === 410 || (isWeb(did) && status < 500)
  throw new OAuthResolverError(
    gone ? 'identity_not_found' : 'server_unavailable',
    `The document of ${did} was answered with status ${status}.`,
    { did, status },
  )
}

/** The first `#atproto_pds` service, as the specification says; later ones are ignored, even if better. */
function pdsOf(
  did: Did,
  services: readonly { id: string; type: unknown; serviceEndpoint: unknown }[],
  deps: DidDeps,
): string {
  const service = services.find(
    ({ id, type }) =>
      (id === '#atproto_pds' || id === `${did}#atproto_pds`) && type === 'AtprotoPersonalDataServer',
  )
  const endpoint = service?.serviceEndpoint
  const url = typeof endpoint === 'string' ? URL.parse(endpoint) : null
  // An origin and nothing else: a path, query or fragment would end up in every request.
  if (!url || (endpoint !== url.origin && endpoint !== `${url.origin}/`)) {
    throw new OAuthResolverError('identity_not_found', `${did} names no usable PDS.`, { did })
  }
  try {
    return checkUrl(url, deps).origin
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    throw new OAuthResolverError('identity_not_found', `${did} names no usable PDS.`, { cause, did })
  }
}
