/**
 * Service tokens, which tell another service which account is calling (atproto.com/specs/xrpc, "Inter-Service
 * Authentication").
 */
import { z } from 'zod'
import { AtprotoAuthError } from '../../errors.ts'
import { isNsid } from '../../identity/syntax.ts'
import { parseAudience } from '../resource/service-id.ts'
import type { XrpcQueryOptions } from '../resource/xrpc.ts'
import type { XrpcResult } from '../resource/xrpc-answer.ts'

export interface ServiceTokenOptions {
  /** The service that is to take the token, e.g. `did:web:video.bsky.app`. */
  readonly aud: string
  /** The one method that the token allows; without it the PDS grants a minute at most, and only to wide scopes. */
  readonly lxm?: string | undefined
  /** When it ends, in seconds since the epoch, an hour ahead at most; default a minute. */
  readonly exp?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Session {
  readonly pds: string
  get(nsid: string, options: XrpcQueryOptions): Promise<XrpcResult<unknown>>
}

const METHOD = 'com.atproto.server.getServiceAuth'
/** Checked because it goes into a header of the caller's request. */
const answerSchema = z.object({
  token: z
    .string()
    .max(8_192)
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
})

/**
 * Requests a service token from the PDS.
 *
 * @throws TypeError when an option is malformed; AtprotoAuthError `invalid_response`; what `session.get` throws
 */
export async function requestServiceToken(
  { aud, lxm, exp, signal }: ServiceTokenOptions,
  session: Session,
): Promise<string> {
  if (lxm !== undefined && !isNsid(lxm)) throw new TypeError('An NSID was expected as lxm.')
  if (exp !== undefined && !Number.isSafeInteger(exp)) {
    throw new TypeError('Whole seconds since the epoch were expected as exp.')
  }
  const params = { aud: parseAudience(aud), lxm, exp }
  const { data } = await session.get(METHOD, { params, signal })
  const parsed = answerSchema.safeParse(data)
  if (parsed.success) return parsed.data.token
  throw new AtprotoAuthError('invalid_response', `${session.pds} sent no usable service token.`, {
    endpoint: `${session.pds}/xrpc/${METHOD}`,
  })
}
