/**
 * Whether a PDS refuses the access token, and how it says so: by a challenge (RFC 6750 §3.1), or only by the name of an error
 * in the body.
 */
import { AtprotoAuthError } from '../../errors.ts'
import { isJson } from '../../net/media-type.ts'
import { readBytes } from '../../net/read-bytes.ts'
import { parseRefusal } from '../server/refusal-words.ts'
import { hasChallenge, readChallenges } from '../server/www-authenticate.ts'

/**
 * - `challenged`: the PDS itself refuses the token, in a challenge.
 * - `expired`, `invalid`: it names `ExpiredToken` or `InvalidToken`, and no challenge.
 */
export type TokenRefusal = 'challenged' | 'expired' | 'invalid'

const named: ReadonlyMap<string | undefined, TokenRefusal> = new Map([
  ['ExpiredToken', 'expired'],
  ['InvalidToken', 'invalid'],
])
/** Methods whose input is another token, from an e-mail, and one where the names mean the token that is asked for. */
const ownTokenMethods: ReadonlySet<string> = new Set([
  'com.atproto.server.confirmEmail',
  'com.atproto.server.updateEmail',
  'com.atproto.server.resetPassword',
  'com.atproto.server.deleteAccount',
  'com.atproto.server.getServiceAuth',
  'com.atproto.identity.signPlcOperation',
])
/** What the reference PDS says of a call that no token of this kind may make. */
const notOfThisToken = /^Bad token (?:method|scope)/
const MAX_ERROR_BYTES = 64 * 1024

/** The call that was answered. */
export interface AnsweredRequest {
  readonly url: URL
  readonly headers: Headers
}

/** How a response refuses the token; undefined when it does not. Its body stays unread for the caller. */
export async function tokenRefusalOf(
  response: Response,
  call: AnsweredRequest,
): Promise<TokenRefusal | undefined> {
  const { status } = response
  if (status === 401 && hasChallenge(response, 'invalid_token')) return 'challenged'
  if (status !== 400 && status !== 401) return undefined
  if (hasError(response) || !isJson(response.headers)) return undefined
  // The answer of a service that the PDS passed the call on to speaks of the token of that service.
  if (call.headers.has('atproto-proxy') || ownTokenMethods.has(methodOf(call))) return undefined
  const body = await readCopy(response)
  return body && !notOfThisToken.test(body.message ?? '') ? named.get(body.error) : undefined
}

/** Whether a challenge names an error: it is then the reason, whatever the body says. */
function hasError(response: Response): boolean {
  return readChallenges(response).some(({ params }) => params.some(([name]) => name === 'error'))
}

function methodOf({ url }: AnsweredRequest): string {
  return url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
}

async function readCopy(response: Response) {
  try {
    const bytes = await readBytes(response.clone(), MAX_ERROR_BYTES, 'The PDS')
    return parseRefusal(new TextDecoder().decode(bytes))
  } catch (error) {
    // Too long for an error, or broken: the caller meets the same when it reads the body.
    if (error instanceof AtprotoAuthError) return undefined
    throw error
  }
}
