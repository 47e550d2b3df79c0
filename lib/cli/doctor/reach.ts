/** What authorization servers fetch from the application, fetched as they do; and the clock that they measure by. */

import { z } from 'zod'
import { METADATA_PATH } from '../../config/paths.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { AtprotoAuthError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { readJson } from '../../net/read-json.ts'
import type { ClientMetadata } from '../../oauth/client-metadata/build.ts'
import { isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import { fetchClientMetadata } from '../../oauth/client-metadata/fetch.ts'
import type { Finding, Instruments } from './finding.ts'

/** Any server will do that is not the application's own; this one every sign-in needs. */
const CLOCK_URL = 'https://plc.directory/_health'
/** Servers differ in what they forgive: half a minute is what all of them do. */
const CLOCK_WARN_S = 10
const CLOCK_FAIL_S = 30

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })) })

/** What is said about the client metadata and the public keys at that address. */
export async function checkPublished(
  publicUrl: string,
  keyset: Keyset | undefined,
  fetch: GuardedFetch,
): Promise<readonly Finding[]> {
  if (isLoopbackUrl(publicUrl)) {
    const message = 'the loopback client publishes nothing: its id says it all'
    return [{ check: 'metadata', level: 'ok', message }]
  }
  const clientId = publicUrl + METADATA_PATH
  try {
    const metadata = await fetchClientMetadata({ clientId }, fetch)
    return [describeClient(metadata, publicUrl), await checkJwks(metadata, keyset, fetch)]
  } catch (error) {
    return [unreachable('metadata', clientId, error)]
  }
}

function describeClient(
  { client_id, redirect_uris, token_endpoint_auth_method }: ClientMetadata,
  publicUrl: string,
): Finding {
  const check = 'metadata'
  const foreign = redirect_uris.find((uri) => !uri.startsWith(`${publicUrl}/`))
  if (foreign !== undefined) {
    const fix = 'Is PUBLIC_URL the same here and where the application runs?'
    return { check, level: 'fail', message: `${client_id} sends people back to ${foreign}`, fix }
  }
  if (token_endpoint_auth_method !== 'private_key_jwt') {
    const message = `${client_id} is a client without keys: its sessions end after days`
    const fix = 'Serve the document of auth.handlers.clientMetadata there, with ATPROTO_CLIENT_KEYS set.'
    return { check, level: 'warn', message, fix }
  }
  return { check, level: 'ok', message: client_id }
}

async function checkJwks(
  metadata: ClientMetadata,
  keyset: Keyset | undefined,
  fetch: GuardedFetch,
): Promise<Finding> {
  const check = 'public keys'
  const { jwks_uri: uri } = metadata
  if (uri === undefined) return { check, level: 'ok', message: 'are in the metadata, or not needed' }
  try {
    const headers = new Headers({ accept: 'application/json' })
    const response = await fetch(uri, { kind: 'discovery', headers })
    if (response.status !== 200) return refused(check, uri, response.status)
    const { keys } = await readJson(response, jwksSchema, uri)
    if (keys.some((key) => 'd' in key)) {
      const fix = 'Take it down now, and rotate all client keys.'
      return { check, level: 'fail', message: `${uri} publishes a private key`, fix }
    }
    return compareKeys(uri, new Set(keys.map(({ kid }) => kid)), keyset)
  } catch (error) {
    return unreachable(check, uri, error)
  }
}

function compareKeys(
  uri: string,
  published: ReadonlySet<string | undefined>,
  keyset: Keyset | undefined,
): Finding {
  const check = 'public keys'
  const missing = keyset?.publicJwks.keys.find(({ kid }) => !published.has(kid))
  if (!missing) return { check, level: 'ok', message: `${uri} has ${published.size}` }
  return {
    check,
    level: 'fail',
    message: `${uri} lacks the key ${missing.kid}, so servers refuse what it signs`,
    fix: 'Start the application with the ATPROTO_CLIENT_KEYS that are here, on every instance.',
  }
}

function unreachable(check: string, url: string, error: unknown): Finding {
  if (!(error instanceof AtprotoAuthError)) throw error
  if (error.status !== undefined && error.status !== 200) return refused(check, url, error.status)
  const fix = 'Is the application running there, with the two route files, and open to everybody?'
  return { check, level: 'fail', message: error.message, fix }
}

function refused(check: string, url: string, status: number): Finding {
  const message = `${url} answers with status ${status}; servers want 200`
  if (status >= 300 && status < 400) {
    const fix =
      'They follow no redirect: make PUBLIC_URL the address that answers itself (www, trailing slash).'
    return { check, level: 'fail', message, fix }
  }
  if (status === 401 || status === 403) {
    const fix =
      'Let it be read without signing in (on Vercel: Deployment Protection; elsewhere a firewall or proxy).'
    return { check, level: 'fail', message, fix }
  }
  if (status === 404) {
    const fix = 'Add the route files: "next-atproto-auth init" writes them.'
    return { check, level: 'fail', message, fix }
  }
  return { check, level: 'fail', message, fix: "The application's log says what is wrong." }
}

/** What is said about this machine's clock. */
export async function checkClock({ fetch, now }: Instruments): Promise<Finding> {
  const check = 'clock'
  try {
    const response = await fetch(CLOCK_URL, { kind: 'discovery' })
    await response.body?.cancel()
    const theirs = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(theirs)) {
      const fix = 'Compare the clock by hand; a proxy on the way may take the Date header out.'
      return { check, level: 'warn', message: `${CLOCK_URL} does not tell the time`, fix }
    }
    // The header has whole seconds, and was written a little while ago.
    const offset = Math.round((now() - theirs) / 1000)
    return describeOffset(offset)
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    const fix = 'Sign-in needs https to the outside: a firewall may be in the way.'
    return { check, level: 'warn', message: `could not be compared: ${error.message}`, fix }
  }
}

function describeOffset(offset: number): Finding {
  const check = 'clock'
  const size = Math.abs(offset)
  if (size <= CLOCK_WARN_S) return { check, level: 'ok', message: 'is right' }
  const message = `is ${size} s ${offset > 0 ? 'fast' : 'slow'}`
  return {
    check,
    level: size > CLOCK_FAIL_S ? 'fail' : 'warn',
    message,
    fix: 'Switch on time synchronisation (NTP).',
  }
}
