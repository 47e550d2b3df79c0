/**
 * Whether a PDS refuses the access token, and how it says so: by a challenge (RFC 6750 §3.1), or only by the name of an error
 * in the body.
 */
import { isJson } from '../../net/media-type.ts'
import { peekBody } from '../../net/peek-body.ts'
import { parseRefusal } from '../server/refusal-words.ts'
import { hasChallenge, readChallenges } from '../server/www-authenticate.ts'

/**
 * - `challenged`: the PDS itself refuses the token, in a challenge.
 * - `named`: there is no challenge, but the body names an error that may mean it.
 */
export type TokenRefusal = 'challenged' | 'named'

const names: ReadonlySet<string | undefined> = new Set(['ExpiredToken', 'InvalidToken'])
/** RFC 6750 §3.1, with 401: of servers whose challenge was lost on the way. */
const challengeName = 'invalid_token'
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
const notOfThisToken = /^Bad token (?:method|scope)/i
const MAX_ERROR_BYTES = 64 * 1024
const MAX_ERROR_MS = 2_000

/** The call that was answered. */
export interface AnsweredRequest {
  readonly url: URL
  readonly headers: Headers
}

/** A response, and how it refuses the token; its body is still to be read by the caller. */
export interface JudgedResponse {
  readonly response: Response
  /** Undefined when it does not refuse the token. */
  readonly refusal: TokenRefusal | undefined
}

/** Judges a response. To read a name in its body, it waits for the body, two seconds and 64 KiB at most. */
export async function judgeResponse(response: Response, call: AnsweredRequest): Promise<JudgedResponse> {
  const { status } = response
  if (status === 401 && hasChallenge(response, challengeName)) return { response, refusal: 'challenged' }
  if ((status !== 400 && status !== 401) || hasError(response) || !isJson(response.headers))
    return { response, refusal: undefined }
  // The answer of a service that the PDS passed the call on to speaks of the token of that service.
  if (call.headers.has('atproto-proxy') || ownTokenMethods.has(methodOf(call)))
    return { response, refusal: undefined }
  const { start, whole } = await peekBody(response, { maxBytes: MAX_ERROR_BYTES, maxMs: MAX_ERROR_MS })
  const body = start && parseRefusal(new TextDecoder().decode(start))
  const words = body?.message ?? body?.error_description ?? ''
  const isNamed = names.has(body?.error) || (status === 401 && body?.error === challengeName)
  return { response: whole, refusal: isNamed && !notOfThisToken.test(words) ? 'named' : undefined }
}

/** Whether a challenge names another error: it is then the reason, whatever the body says. */
function hasError(response: Response): boolean {
  return readChallenges(response).some(({ params }) =>
    params.some(([name, value]) => name === 'error' && value !== challengeName),
  )
}

function methodOf({ url }: AnsweredRequest): string {
  return url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
}
