/**
 * DID → document → handle and PDS (atproto.com/specs/did). Which answer says that there is no document, and which says
 * nothing (could-not-ask.ts):
 *
 * - The PLC directory serves JSON with an id, and 404 or 410 for a DID that it does not have. Anything else, such as a
 *   page, also with these statuses, was not sent by a directory that works.
 * - The host of a did:web is a web server like any other. It definitely has no document when it serves something else at
 *   its address, a page for instance, when it redirects, or with a 4xx that is no refusal. A host that gives no answer,
 *   whose name does not exist, or that refuses to answer us says nothing.
 */
import { z } from 'zod'
import { AtprotoAuthError, ConfigurationError, type ErrorCode, OAuthResolverError } from '../errors.ts'
import { type AddressPolicy, checkUrl, networkKey } from '../net/address-policy.ts'
import { mediaTypeOf } from '../net/media-type.ts'
import { readJson } from '../net/read-json.ts'
import { type Cache, type LookupOptions, recallFrom } from './cache.ts'
import { isRefusal, isTooLarge } from './could-not-ask.ts'
import { type Did, type Handle, isHandle } from './syntax.ts'
import {
  fetchFromUnverifiedHost,
  type UnverifiedHostDeps,
  type UnverifiedHostLimit,
} from './unverified-host-limit.ts'

export interface DidDeps extends UnverifiedHostDeps, AddressPolicy {
  /** Origin of the PLC directory, e.g. `https://plc.directory`. */
  readonly plcDirectory: string
  /** Without it, nothing is cached. */
  readonly caches?:
    | { readonly hostLimit: UnverifiedHostLimit; readonly documents: Cache<DidDocument> }
    | undefined
}

/** The parts of a DID document that this library reads. */
export interface DidDocument {
  readonly did: Did
  /** The handle that the document claims. It counts only if the handle resolves to this DID. */
  readonly claimedHandle: Handle | undefined
  /** Origin of the PDS. */
  readonly pds: string
}

const identified = z.object({ id: z.string() })
const documentSchema = z.object({
  id: z.string(),
  alsoKnownAs: z.array(z.string()).optional(),
  service: z.array(z.object({ id: z.string(), type: z.unknown(), serviceEndpoint: z.unknown() })).optional(),
})

/**
 * Resolves a DID to its document, from the PLC directory or the did:web host, or from the cache
 * (atproto.com/specs/did). Cached for five minutes.
 *
 * @throws OAuthResolverError `identity_not_found` when there is no document or it names no usable PDS,
 *   `server_unavailable` when the directory or the did:web host could not be asked
 */
export async function resolveDid(
  did: Did,
  deps: DidDeps,
  { fresh, signal }: LookupOptions = {},
): Promise<DidDocument> {
  const { plcDirectory, caches, now } = deps
  const key = JSON.stringify([did, plcDirectory, networkKey(deps)])
  const load = (signal?: AbortSignal) => fetchDocument(did, deps, signal)
  return recallFrom(caches?.documents, key, load, { now, fresh, signal })
}

async function fetchDocument(did: Did, deps: DidDeps, signal?: AbortSignal): Promise<DidDocument> {
  const url = documentUrl(did, deps)
  const response = await requestDocument(url, did, deps, signal)
  const document = await readDocument(response, did, url.origin)
  if (document.id !== did) {
    throw new OAuthResolverError(
      'identity_not_found',
      `The DID document found for ${did} belongs to another DID.`,
      { did },
    )
  }
  if (isWeb(did)) deps.caches?.hostLimit.markVerified(url.hostname)
  const handles = (document.alsoKnownAs ?? [])
    .filter((uri) => uri.startsWith('at://'))
    .map((uri) => uri.slice(5).toLowerCase())
  return { did, claimedHandle: handles.find(isHandle), pds: pdsOf(did, document.service ?? [], deps) }
}

async function readDocument(
  response: Response,
  did: Did,
  source: string,
): Promise<z.infer<typeof documentSchema>> {
  const unreadable = (code: ErrorCode, cause: unknown) =>
    new OAuthResolverError(code, `The DID document of ${did} cannot be read.`, { cause, did })
  const copy = response.clone()
  // Whether it is the document of anything is another question than whether it is a DID document.
  await readJson(response, isWeb(did) ? z.unknown() : identified, source).catch((cause: unknown) => {
    throw unreadable(isWeb(did) ? 'identity_not_found' : 'server_unavailable', cause)
  })
  return readJson(copy, documentSchema, source).catch((cause: unknown) => {
    throw unreadable('identity_not_found', cause)
  })
}

function isWeb(did: Did): boolean {
  return did.startsWith('did:web:')
}

function documentUrl(did: Did, deps: DidDeps): URL {
  if (isWeb(did)) return webDocumentUrl(did, deps)
  const { plcDirectory, allowLoopback } = deps
  const url = new URL(`/${did}`, plcDirectory)
  if (!allowLoopback && url.port !== '') {
    throw new ConfigurationError('The PLC directory must use the https port, 443.')
  }
  return url
}

/** A name that is refused by its text alone, such as one under `.internal`, never has a document. */
function webDocumentUrl(did: Did, policy: AddressPolicy): URL {
  try {
    return checkUrl(`https://${did.slice('did:web:'.length)}/.well-known/did.json`, policy)
  } catch (cause) {
    throw new OAuthResolverError('identity_not_found', `No DID document can exist for ${did}.`, {
      cause,
      did,
    })
  }
}

async function requestDocument(
  url: URL,
  did: Did,
  deps: DidDeps,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/did+ld+json, application/json' })
  // The user who typed a did:web chooses its host; the operator of this application chooses the PLC directory.
  const answer = isWeb(did)
    ? fetchFromUnverifiedHost(url, { headers, signal }, deps)
    : deps.fetch(url, { kind: 'discovery', headers, signal })
  const response = await answer.catch((cause: unknown) => {
    signal?.throwIfAborted()
    const code = isWeb(did) && isTooLarge(cause) ? 'identity_not_found' : 'server_unavailable'
    // The same text for a did:web host that is down, closed or inside this network: the visitor must not learn which.
    throw new OAuthResolverError(code, `The DID document of ${did} could not be fetched.`, { cause, did })
  })
  if (response.status === 200) return response
  const { status } = response
  const isGone = status === 404 || status === 410
  const isMissing = isWeb(did) ? !isRefusal(status) : isGone && mediaTypeOf(response.headers) !== 'text/html'
  throw new OAuthResolverError(
    isMissing ? 'identity_not_found' : 'server_unavailable',
    `The request for the DID document of ${did} was answered with status ${status}.`,
    { did, status },
  )
}

/**
 * The first `#atproto_pds` service, as the specification requires; later ones are ignored, even if only they are valid.
 */
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
  // Only an origin is allowed: a path, query or fragment would end up in every request.
  if (!url || (endpoint !== url.origin && endpoint !== `${url.origin}/`)) {
    throw new OAuthResolverError('identity_not_found', `The DID document of ${did} names no usable PDS.`, {
      did,
    })
  }
  try {
    return checkUrl(url, deps).origin
  } catch (cause) {
    if (!(cause instanceof AtprotoAuthError)) throw cause
    throw new OAuthResolverError('identity_not_found', `The DID document of ${did} names no usable PDS.`, {
      cause,
      did,
    })
  }
}
