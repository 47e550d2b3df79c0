/** Asks the application for what authorization servers need of it: its client metadata, public keys and callback. */
import { z } from 'zod'
import { METADATA_PATH } from '../../config/paths.ts'
import type { Keyset } from '../../crypto/keyset.ts'
import { describeReason } from '../../error-reason.ts'
import { AtprotoAuthError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { readJson } from '../../net/read-json.ts'
import { type ClientMetadata, isLoopbackUrl } from '../../oauth/client-metadata/build.ts'
import { fetchClientMetadata } from '../../oauth/client-metadata/fetch.ts'
import { withFlags } from '../terminal/option-names.ts'
import { checkCallback } from './check-callback.ts'
import type { Finding } from './finding.ts'

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })) })

/** Checks the client metadata, the public keys and the callback at `publicUrl`. */
export async function checkPublished(
  publicUrl: string,
  keyset: Keyset | undefined,
  fetch: GuardedFetch,
): Promise<readonly Finding[]> {
  if (isLoopbackUrl(publicUrl)) {
    const message = 'the loopback client publishes nothing: its id contains its metadata'
    return [{ check: 'metadata', level: 'ok', message }]
  }
  const clientId = publicUrl + METADATA_PATH
  try {
    const metadata = await fetchClientMetadata({ clientId }, fetch)
    const [redirectUri = ''] = metadata.redirect_uris
    const isOwn = redirectUri.startsWith(`${publicUrl}/`)
    return [
      describeClient(metadata, publicUrl),
      await checkJwks(metadata, keyset, fetch),
      ...(isOwn ? [await checkCallback(redirectUri, publicUrl, fetch)] : []),
    ]
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
    const fix = 'Check that PUBLIC_URL is the same here and where the application runs.'
    return {
      check,
      level: 'fail',
      message: `${client_id} has the redirect URI ${foreign}, which is not under ${publicUrl}`,
      fix,
    }
  }
  if (token_endpoint_auth_method !== 'private_key_jwt') {
    const message = `${client_id} is a public client without keys, whose sessions end after some days`
    const fix = 'Serve auth.handlers.clientMetadata there, and set ATPROTO_CLIENT_KEYS.'
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
  if (uri === undefined) return { check, level: 'ok', message: 'are in the metadata or not needed' }
  try {
    const headers = new Headers({ accept: 'application/json' })
    const response = await fetch(uri, { kind: 'discovery', headers })
    if (response.status !== 200) return refused(check, uri, response.status)
    const { keys } = await readJson(response, jwksSchema, uri)
    if (keys.some((key) => 'd' in key)) {
      const fix = 'Remove it now and rotate all client keys.'
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
  if (!missing) return { check, level: 'ok', message: `${uri} contains ${published.size}` }
  return {
    check,
    level: 'fail',
    message: `${uri} lacks the key ${missing.kid}, so servers refuse its signatures`,
    fix: 'Start every instance of the application with the ATPROTO_CLIENT_KEYS that are set here.',
  }
}

function unreachable(check: string, url: string, error: unknown): Finding {
  if (!(error instanceof AtprotoAuthError)) throw error
  if (error.status !== undefined && error.status !== 200) return refused(check, url, error.status)
  const fix = 'Check that the application runs there with both route files, and that the address is public.'
  const isUnanswered = error.code === 'network_error' || error.code === 'timeout'
  return { check, level: 'fail', message: withFlags(describeReason(error)), fix, isUnanswered }
}

function refused(check: string, url: string, status: number): Finding {
  const message = `${url} answers with status ${status}, but servers expect 200`
  if (status >= 300 && status < 400) {
    const fix =
      'Servers follow no redirects. Set PUBLIC_URL to the final address (with or without www, no trailing slash).'
    return { check, level: 'fail', message, fix }
  }
  if (status === 401 || status === 403) {
    const fix =
      'Allow access without signing in (on Vercel: Deployment Protection; elsewhere: a firewall or proxy).'
    return { check, level: 'fail', message, fix }
  }
  if (status === 404) {
    const fix = 'Add the route files. "npx next-atproto-auth init" writes them.'
    return { check, level: 'fail', message, fix }
  }
  return { check, level: 'fail', message, fix: 'See the log of the application for the cause.' }
}
