/**
 * An account's public profile: the handle, verified both ways, and the name and picture of its record
 * `app.bsky.actor.profile`, which the PDS gives to anyone (com.atproto.repo.getRecord, no token). Any program may have
 * written the record, so a field that is not as the lexicon says counts as missing.
 */
import { z } from 'zod'
import { AtprotoAuthError } from '../errors.ts'
import { networkKey } from '../net/address-policy.ts'
import { isJson } from '../net/media-type.ts'
import { readJson } from '../net/read-json.ts'
import { cleanName } from '../untrusted-text.ts'
import { isRefusal, isTooLarge } from './could-not-ask.ts'
import { createProfileCache, type ProfileCache, type PublicProfile } from './profile-cache.ts'
import { type IdentityDeps, resolveIdentity } from './resolve-account.ts'
import { resolveDid } from './resolve-did.ts'
import { type Did, isCid } from './syntax.ts'
import { fetchFromUnverifiedHost } from './unverified-host-limit.ts'

export type ProfileDeps = IdentityDeps & {
  /** Without it, nothing is cached. */
  readonly caches?: { readonly profiles: ProfileCache } | undefined
}

export interface ProfileOptions {
  /** Receives the look-up that goes on after the answer. It never rejects. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

type Profile = Omit<PublicProfile, 'isComplete'>
type RecordFields = Pick<PublicProfile, 'displayName' | 'avatar'>

/** An answer; undefined when the server could not be asked. */
type Asked<T> = { readonly is: T } | undefined

/** A page must not wait longer for a name. */
const WAIT_MS = 2_000
const unknown: PublicProfile = {
  handle: undefined,
  displayName: undefined,
  avatar: undefined,
  isComplete: false,
}

/**
 * Returns the public profile of an account, from the cache or from its servers; after two seconds, what was known before.
 * The look-up then goes on for the next caller. Does not fail when servers do.
 */
export async function readProfile(
  did: Did,
  deps: ProfileDeps,
  { waitUntil }: ProfileOptions = {},
): Promise<PublicProfile> {
  const { plcDirectory, handleResolver, fallbackResolver, now = Date.now } = deps
  const cache = deps.caches?.profiles ?? createProfileCache()
  const key = JSON.stringify([did, plcDirectory, networkKey(deps), handleResolver, fallbackResolver])
  const lookUp = cache.recall(key, (last) => askForProfile(did, deps, last), now)
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, WAIT_MS, undefined)
  try {
    const profile = await Promise.race([lookUp, late.promise])
    if (profile) return profile
    waitUntil?.(lookUp.catch(() => undefined))
    return { ...(cache.lastKnown(key) ?? unknown), isComplete: false }
  } finally {
    clearTimeout(timer)
  }
}

async function askForProfile(did: Did, deps: ProfileDeps, last: Profile | undefined): Promise<PublicProfile> {
  const [handle, record] = await Promise.all([askForHandle(did, deps), askForRecord(did, deps)])
  const { displayName, avatar } = record ? record.is : (last ?? unknown)
  return {
    handle: handle ? handle.is : last?.handle,
    displayName,
    avatar,
    isComplete: handle !== undefined && record !== undefined,
  }
}

async function askForHandle(did: Did, deps: ProfileDeps): Promise<Asked<string | undefined>> {
  try {
    return { is: (await resolveIdentity(did, deps)).handle ?? undefined }
  } catch (error) {
    return definiteNone(error, { is: undefined })
  }
}

const noRecord: RecordFields = { displayName: undefined, avatar: undefined }

async function askForRecord(did: Did, deps: ProfileDeps): Promise<Asked<RecordFields>> {
  try {
    const { pds } = await resolveDid(did, deps)
    const url = new URL('/xrpc/com.atproto.repo.getRecord', pds)
    url.search = String(
      new URLSearchParams({ repo: did, collection: 'app.bsky.actor.profile', rkey: 'self' }),
    )
    const headers = new Headers({ accept: 'application/json' })
    const response = await fetchFromUnverifiedHost(url, { headers }, deps)
    const { status } = response
    const isPds = () => deps.caches?.hostLimit.markVerified(url.hostname)
    if (status === 200) {
      const answer = await readJson(response, z.unknown(), pds)
      if (isRecordOf(did, answer)) isPds()
      return { is: fieldsOf(answer, { did, pds }) }
    }
    // A PDS says in JSON that there is none; a page is of something before it.
    if (status < 400 || isRefusal(status) || !isJson(response.headers)) return undefined
    if (await isXrpcError(response, pds)) isPds()
    return { is: noRecord }
  } catch (error) {
    // The PDS answered, but with more than any profile is.
    return isTooLarge(error) ? { is: noRecord } : definiteNone(error, { is: noRecord })
  }
}

/** A server that gives something for every path is none of the network: the limit of requests to it stays. */
function isRecordOf(did: Did, answer: unknown): boolean {
  const parsed = z.object({ uri: z.string(), value: z.unknown() }).safeParse(answer)
  return parsed.success && parsed.data.uri.startsWith(`at://${did}/`)
}

/** What a PDS says when it gives no record (com.atproto.repo.getRecord, com.atproto.sync.getRepo). */
const xrpcErrors: ReadonlySet<string> = new Set([
  'RecordNotFound',
  'InvalidRequest',
  'RepoNotFound',
  'RepoTakendown',
  'RepoSuspended',
  'RepoDeactivated',
])

async function isXrpcError(response: Response, pds: string): Promise<boolean> {
  const answer = await readJson(response, z.object({ error: z.string() }), pds).catch(() => undefined)
  return answer !== undefined && xrpcErrors.has(answer.error)
}

/** What a failed look-up says of the account: that there is none, or nothing. */
function definiteNone<T>(error: unknown, none: Asked<T>): Asked<T> {
  if (!(error instanceof AtprotoAuthError)) throw error
  return error.code === 'identity_not_found' ? none : undefined
}

const answerSchema = z.object({
  value: z.object({ displayName: z.string().optional().catch(undefined), avatar: z.unknown().optional() }),
})

/** The part of a record that refers to a blob (https://atproto.com/specs/data-model#blob-type). */
const blobSchema = z.object({ ref: z.object({ $link: z.string() }), mimeType: z.string() })

/** A blob can be any file. SVG is not on the list, because it can contain scripts. */
const imageTypes: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
])

function fieldsOf(answer: unknown, account: { readonly did: Did; readonly pds: string }): RecordFields {
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) return noRecord
  const { displayName, avatar } = parsed.data.value
  return {
    displayName: displayName === undefined ? undefined : cleanName(displayName),
    avatar: avatarUrl(avatar, account),
  }
}

function avatarUrl(
  avatar: unknown,
  { did, pds }: { readonly did: Did; readonly pds: string },
): string | undefined {
  const parsed = blobSchema.safeParse(avatar)
  if (!parsed.success || !imageTypes.has(parsed.data.mimeType)) return undefined
  const cid = parsed.data.ref.$link
  return isCid(cid) ? `${pds}/xrpc/com.atproto.sync.getBlob?${new URLSearchParams({ did, cid })}` : undefined
}
