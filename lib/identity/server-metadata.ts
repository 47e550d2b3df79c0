/**
 * The well-known metadata documents of PDSes and authorization servers: from the cache of this process, from the shared
 * cache, or from the server itself. A server must answer with status 200 and JSON; redirects are not followed.
 */
import type { z } from 'zod'
import { OAuthResolverError } from '../errors.ts'
import { type AddressPolicy, networkKey } from '../net/address-policy.ts'
import { readJson } from '../net/read-json.ts'
import { type Cache, type LookupOptions, recallFrom, type SharedCache } from './cache.ts'
import { isRefusal } from './could-not-ask.ts'
import { fetchFromUnverifiedHost, type UnverifiedHostDeps } from './unverified-host-limit.ts'

export interface MetadataDeps extends UnverifiedHostDeps, AddressPolicy {
  /** Answers that other processes found. It is not read when a fresh answer is wanted. */
  readonly sharedCache?: SharedCache | undefined
}

/** A kind of metadata document. @internal */
export interface MetadataDocument<T> {
  /** Its name under `/.well-known/`. */
  readonly name: string
  readonly schema: z.ZodType<T>
  /** Says why the document is unusable for every client; undefined when it is usable. */
  problem(metadata: T): string | undefined
  /** Without it, nothing is cached. */
  readonly cache: Cache<T> | undefined
}

/** With the minute in the process's own cache that makes six; the specification allows less than ten. */
const SHARED_MS = 5 * 60_000

/**
 * Returns the document at the origin after checking it.
 *
 * @throws OAuthResolverError `server_unavailable` when the server gave no answer, or refuses to answer this request
 *   (403 of a bot check, 429, 5xx); `server_not_conforming` when it answered and the document is missing or does not
 *   match the schema and the profile, also when a page came in its place (the message names its type)
 * @internal
 */
export function getMetadata<T>(
  origin: string,
  document: MetadataDocument<T>,
  deps: MetadataDeps,
  { fresh, signal }: LookupOptions = {},
): Promise<T> {
  const { sharedCache, caches, now } = deps
  const key = JSON.stringify([document.name, origin, networkKey(deps)])
  async function load(until?: AbortSignal): Promise<T> {
    const shared = fresh ? undefined : await readShared(key, document, sharedCache)
    const metadata = shared ?? (await fetchMetadata(origin, document, deps, until))
    caches?.hostLimit.markVerified(new URL(origin).hostname)
    // Not awaited: if the shared cache is slow or broken, other processes send one more request, and this one does not
    // wait.
    if (shared === undefined) void sharedCache?.write(key, metadata, SHARED_MS)
    return metadata
  }
  return recallFrom(document.cache, key, load, { now, fresh, signal })
}

/** The document that another process stored, if this process would accept it from the server too. */
async function readShared<T>(
  key: string,
  { schema, problem }: MetadataDocument<T>,
  sharedCache: SharedCache | undefined,
): Promise<T | undefined> {
  const parsed = schema.safeParse(await sharedCache?.read(key))
  return parsed.success && problem(parsed.data) === undefined ? parsed.data : undefined
}

async function fetchMetadata<T>(
  origin: string,
  { name, schema, problem }: MetadataDocument<T>,
  deps: UnverifiedHostDeps,
  signal: AbortSignal | undefined,
): Promise<T> {
  const endpoint = `${origin}/.well-known/${name}`
  const headers = new Headers({ accept: 'application/json' })
  const response = await fetchFromUnverifiedHost(new URL(endpoint), { headers, signal }, deps).catch(
    (cause: unknown) => {
      signal?.throwIfAborted()
      throw new OAuthResolverError('server_unavailable', `${origin} did not answer.`, { cause, endpoint })
    },
  )
  const { status } = response
  if (status !== 200) {
    const code = isRefusal(status) ? 'server_unavailable' : 'server_not_conforming'
    const message = `${endpoint} answered with status ${status}, expected 200.`
    throw new OAuthResolverError(code, message, { status, endpoint })
  }
  const metadata = await readJson(response, schema, endpoint).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : 'unreadable'
    throw new OAuthResolverError('server_not_conforming', detail, { cause, endpoint })
  })
  const found = problem(metadata)
  if (found !== undefined) throw notConforming(origin, found)
  return metadata
}

/** The error for a server whose metadata does not follow the profile. */
export function notConforming(endpoint: string, problem: string): OAuthResolverError {
  return new OAuthResolverError('server_not_conforming', `${endpoint}: ${problem}.`, { endpoint })
}
