/**
 * What a test may turn on a live PDS: short tokens, fast nonces, outages, and counts of its requests.
 * Three of these reach into @atproto/oauth-provider, so its version is pinned exactly in package.json;
 * each of them fails with a clear message when a new version looks different inside.
 */
import { randomBytes } from 'node:crypto'
import { isDid } from '../../../lib/identity/syntax.ts'
import type { GateMode, LocalPds } from './local-pds.ts'
import type { LoggedRequest } from './request-log.ts'

/** The provider's own longest interval; a nonce is accepted for about three of them. */
const defaultNonceIntervalMs = 60_000

/**
 * Sets how long access tokens live that are issued from now on.
 *
 * @param lifetimeMs more than 250, which the provider asks for; it starts with one hour
 */
export function setTokenLifetime(pds: LocalPds, lifetimeMs: number): void {
  if (lifetimeMs <= 250) throw new TypeError(`A token must live longer than 250 ms, got ${lifetimeMs}.`)
  replaceField(providerOf(pds).tokenManager, 'tokenMaxAge', lifetimeMs)
}

/**
 * Sets how often the DPoP nonce changes. All nonces given out so far stop being accepted.
 *
 * @param intervalMs 1 000 to 60 000
 */
export function setNonceInterval(pds: LocalPds, intervalMs: number): void {
  const manager = providerOf(pds).dpopManager
  const nonce = readField(manager, 'dpopNonce')
  if (!(nonce instanceof Object)) throw unknownProvider('dpopNonce')
  replaceField(manager, 'dpopNonce', Reflect.construct(nonce.constructor, [randomBytes(32), intervalMs]))
}

/** Makes all nonces given out so far invalid at once: the next request of each client meets `use_dpop_nonce`. */
export function rotateNonces(pds: LocalPds): void {
  setNonceInterval(pds, defaultNonceIntervalMs)
}

/**
 * Makes the authorization server of a PDS read a client's JWKS anew, as it does by itself every ten minutes.
 *
 * @param uri the client's `jwks_uri`, which must answer
 */
export async function forgetJwks(pds: LocalPds, uri: string): Promise<void> {
  const getter = readField(providerOf(pds).clientManager, 'jwks')
  if (!(getter instanceof Object)) throw unknownProvider('jwks')
  await Reflect.apply(Reflect.get(getter, 'get'), getter, [uri, { noCache: true }])
}

/** Makes the PDS (and its authorization server) answer 503, or cut each connection, or answer again. */
export function pauseAnswers(pds: LocalPds, mode: GateMode = 'unavailable'): void {
  pds.gate.mode = mode
}

/** Makes every answer of the PDS late, as over a real network. */
export function delayAnswers(pds: LocalPds, delayMs: number): void {
  pds.gate.delayMs = delayMs
}

/** Ends an account's sessions with every client, as its person may do on the PDS's own page. */
export async function endSessions(pds: LocalPds, did: string): Promise<void> {
  if (!isDid(did)) throw new TypeError(`No DID: ${did}`)
  await pds.pds.ctx.accountManager.db.db.deleteFrom('token').where('did', '=', did).execute()
}

/** Undoes `pauseAnswers` and `delayAnswers`. */
export function resumeAnswers(pds: LocalPds): void {
  pds.gate.mode = 'open'
  pds.gate.delayMs = 0
}

/** Shuts a PDS down for good: connections to its port are refused from then on. */
export function stopPds(pds: LocalPds): Promise<void> {
  return pds.stop()
}

export type RequestFilter = Partial<LoggedRequest>

/** Counts the logged requests that equal the filter in every field it names. */
export function countRequests(pds: LocalPds, filter: RequestFilter): number {
  return pds.requests.list().filter((entry) => matches(entry, filter)).length
}

/** Counts the refreshes that reached the token endpoint, whatever they were answered. */
export function countRefreshes(pds: LocalPds): number {
  return countRequests(pds, { path: '/oauth/token', grantType: 'refresh_token' })
}

function matches(entry: LoggedRequest, filter: RequestFilter): boolean {
  return (
    (filter.method === undefined || filter.method === entry.method) &&
    (filter.path === undefined || filter.path === entry.path) &&
    (filter.status === undefined || filter.status === entry.status) &&
    (filter.grantType === undefined || filter.grantType === entry.grantType) &&
    (filter.hasToken === undefined || filter.hasToken === entry.hasToken)
  )
}

type Provider = NonNullable<LocalPds['pds']['ctx']['oauthProvider']>

function providerOf(pds: LocalPds): Provider {
  const provider = pds.pds.ctx.oauthProvider
  if (!provider) throw new TypeError(`The PDS at ${pds.url} has no authorization server of its own.`)
  return provider
}

/** The fields are protected in the provider's types; Reflect reads and writes them without a cast. */
function readField(holder: object, field: string): unknown {
  if (!(field in holder)) throw unknownProvider(field)
  return Reflect.get(holder, field)
}

function replaceField(holder: object, field: string, value: unknown): void {
  if (!(field in holder)) throw unknownProvider(field)
  Reflect.set(holder, field, value)
}

function unknownProvider(field: string): Error {
  return new Error(
    `@atproto/oauth-provider has no field "${field}" any more: adapt tests/support/network/hooks.ts to it.`,
  )
}
