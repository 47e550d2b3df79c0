/** Asks whether the callback route is where authorization servers send browsers. The question starts and ends no sign-in. */
import { z } from 'zod'
import { METADATA_PATH } from '../../config/paths.ts'
import { describeReason } from '../../error-reason.ts'
import { AtprotoAuthError } from '../../errors.ts'
import type { GuardedFetch } from '../../net/guarded-fetch.ts'
import { readJson } from '../../net/read-json.ts'
import { withFlags } from '../terminal/option-names.ts'
import type { Finding } from './finding.ts'

const CHECK = 'callback'
/** How the callback route of this library answers HEAD, which it takes for a prefetch. */
const NO_CONTENT = 204

const metadataSchema = z.object({ redirect_uris: z.array(z.string()) })

/**
 * Sends HEAD to the callback, which nothing but this library's route answers with 204.
 *
 * @param redirectUri where servers send browsers, under `publicUrl`
 */
export async function checkCallback(
  redirectUri: string,
  publicUrl: string,
  fetch: GuardedFetch,
): Promise<Finding> {
  try {
    const { status } = await fetch(redirectUri, { kind: 'discovery', method: 'HEAD' })
    if (status === NO_CONTENT) return { check: CHECK, level: 'ok', message: redirectUri }
    return wrongAnswer(redirectUri, publicUrl, status)
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
    const fix = 'Check that the application runs there, and that the address is public.'
    const message = withFlags(describeReason(error))
    return { check: CHECK, level: 'fail', message, fix, isUnanswered: true }
  }
}

/**
 * The same for an application that may be running on this machine. While it is not, nothing is wrong.
 *
 * @param publicUrl a loopback address
 */
export async function checkCallbackHere(publicUrl: string, fetch: GuardedFetch): Promise<Finding> {
  const finding = await checkCallback(await redirectUriHere(publicUrl, fetch), publicUrl, fetch)
  if (finding.level !== 'fail' || !finding.isUnanswered) return finding
  const message = `was not checked: nothing answers at ${publicUrl}. Run this again while the application runs`
  return { check: CHECK, level: 'note', message }
}

/** From the metadata route of the application, because the option `basePath` may have changed it. */
async function redirectUriHere(publicUrl: string, fetch: GuardedFetch): Promise<string> {
  const url = publicUrl + METADATA_PATH
  try {
    const { redirect_uris } = await readJson(await fetch(url, { kind: 'discovery' }), metadataSchema, url)
    const own = redirect_uris.find((uri) => uri.startsWith(`${publicUrl}/`))
    if (own !== undefined) return own
  } catch (error) {
    if (!(error instanceof AtprotoAuthError)) throw error
  }
  return `${publicUrl}/oauth/callback`
}

function wrongAnswer(redirectUri: string, publicUrl: string, status: number): Finding {
  const isOurs = status >= 500
  const message = `${redirectUri} answers with status ${status}${isOurs ? '' : ', so it is not the route of this library'}`
  const path = `app${redirectUri.slice(publicUrl.length)}/route.ts`
  const fix = isOurs
    ? 'See the log of the application for the cause.'
    : `Check the folders of the routes: this one is app/oauth/[...atproto]/route.ts, or ${path} with handlers.callback alone. ` +
      'Neither a middleware nor a proxy may answer in its place.'
  return { check: CHECK, level: 'fail', message, fix }
}
