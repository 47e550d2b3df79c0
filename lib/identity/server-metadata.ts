/**
 * Well-known metadata documents of PDSes and authorization servers: as this process remembers them, as another
 * one left them on the shelf, or from the server itself, read strictly: 200, JSON, no redirect.
 */
import type { z } from 'zod'
import { AtprotoAuthError, OAuthResolverError } from '../errors.ts'
import { type AddressPolicy, checkUrl } from '../net/address-policy.ts'
import { readJson } from '../net/read-json.ts'
import { type Cache, type RecallOptions, recallFrom, type Shelf } from './cache.ts'
import { askStranger, type BudgetDeps } from './unverified-host-limit.ts'

export interface MetadataDeps extends BudgetDeps, RecallOptions {
  /** Whether http and loopback addresses are allowed. */
  readonly allowLoopback: boolean
  /** What other processes found; not read where a fresh answer is wanted. Left out: there are no others. */
  readonly shelf?: Shelf | undefined
}

/** A kind of metadata document. */
export interface MetadataDocument<T> {
  /** Its name under `/.well-known/`. */
  readonly name: string
  readonly schema: z.ZodType<T>
  /** What is wrong with it, whoever asks; undefined when nothing is. */
  complaint(metadata: T): string | undefined
  /** Left out: nothing is remembered. */
  readonly cache: Cache<T> | undefined
}

/** With the minute of the memory it makes six; the specification wants less than ten. */
const SHELF_MS = 5 * 60_000

/**
 * The document at the origin, without fault.
 *
 * @throws OAuthResolverError `server_unavailable` when there was no proper answer, `server_not_conforming` when
 *   it was another one than schema and profile demand
 */
export function getMetadata<T>(
  origin: string,
  document: MetadataDocument<T>,
  deps: MetadataDeps,
  signal?: AbortSignal,
): Promise<T> {
  const key = JSON.stringify([document.name, origin, deps.allowLoopback])
  async function load(until?: AbortSignal): Promise<T> {
    const shelved = deps.fresh ? undefined : await readShelved(key, document, deps)
    const metadata = shelved ?? (await fetchMetadata(origin, document, deps, until))
    deps.memory?.hosts.trust(new URL(origin).hostname)
    // Nobody waits for it: a shelf that is slow or broken costs the others a request, and this one nothing.
    if (shelved === undefined) void deps.shelf?.write(key, metadata, SHELF_MS)
    return metadata
  }
  return recallFrom(document.cache, key, load, { ...deps, signal })
}

/** What another process left, if it is still what this one would take from the server. */
async function readShelved<T>(
  key: string,
  { schema, complaint }: MetadataDocument<T>,
  { shelf }: MetadataDeps,
): Promise<T | undefined> {
  const parsed = schema.safeParse(await shelf?.read(key))
  return parsed.success && complaint(parsed.data) === undefined ? parsed.data : undefined
}

async function fetchMetadata<T>(
  origin: string,
  { name, schema, complaint }: MetadataDocument<T>,
  deps: BudgetDeps,
  signal: AbortSignal | undefined,
): Promise<T> {
  const endpoint = `${origin}/.well-known/${name}`
  const headers = new Headers({ accept: 'application/json' })
  const response = await askStranger(new URL(endpoint), { headers, signal }, deps).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new OAuthResolverError('server_unavailable', `${origin} did not answer.`, { cause, endpoint })
  })
  const { status } = response
  if (status !== 200) {
    const code = status >= 500 || status === 429 ? 'server_unavailable' : 'server_not_conforming'
    const message = `${endpoint} was answered with status ${status}, expected 200.`
    throw new OAuthResolverError(code, message, { status, endpoint })
  }
  const metadata = await readJson(response, schema, endpoint).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : 'unreadable'
    throw new OAuthResolverError('server_not_conforming', detail, { cause, endpoint })
  })
  const fault = complaint(metadata)
  if (fault !== undefined) throw notConforming(origin, fault)
  return metadata
}

/** The error for a server whose metadata, or what follows from it, is not as the profile demands. */
export function notConforming(endpoint: string, complaint: string): OAuthResolverError {
  return new OAuthResolverError('server_not_conforming', `${endpoint}: ${complaint}.`, { endpoint })
}

/** What is wrong with the first address that no request may go to; undefined when all are allowed. */
export function complaintAboutAddresses(
  addresses: readonly string[],
  policy: AddressPolicy,
): string | undefined {
  for (const address of addresses) {
    try {
      checkUrl(address, policy)
    } catch (error) {
      if (!(error instanceof AtprotoAuthError)) throw error
      return `an address is not allowed: ${error.message}`
    }
  }
  return undefined
}
