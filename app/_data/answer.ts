/**
 * The answer to a call of the signed-in person's PDS, for pages. What can go wrong in everyday use is a `Problem`, which
 * the page explains; everything else is thrown.
 */
import 'server-only'
import { AtprotoAuthError, XrpcError, type XrpcResult } from 'next-atproto-auth'

export type Problem =
  | 'unavailable' // the PDS did not answer, or not properly: worth another try
  | 'session_ended' // the person has to sign in again
  | 'not_found' // the record does not exist
  | 'scope_missing' // the person has not granted the permission that the call needs
  | 'not_supported' // the PDS does not know the method
  | 'refused' // the PDS refused the call

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

// Anyone can run a PDS, and one that never stops sending must not fill the memory of this app.
const maxBytes = 2 * 1024 * 1024
/** A page waits this long for a PDS. */
export const readLimits = { timeoutMs: 8_000, maxBytes } as const
/** A write gets longer, because after a timeout nothing tells whether it took place. */
export const writeLimits = { timeoutMs: 20_000, maxBytes } as const

/**
 * What a call returned, or the problem that ended it.
 *
 * @param call the promise of `session.get` or `session.post`
 */
export async function answerOf<T>(call: Promise<XrpcResult<T>>): Promise<Answer<T>> {
  try {
    return { ok: true, value: (await call).data }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  }
}

/** The problem to explain. An error that is the fault of this app, such as a failing store, is thrown: it gets the error page. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof AtprotoAuthError)) throw error
  switch (error.code) {
    case 'store_unavailable':
    case 'configuration':
      throw error
    case 'session_ended':
    case 'scope_missing':
      return error.code
    case 'token_rejected':
      return 'refused'
    default:
      return error instanceof XrpcError ? refusalOf(error) : 'unavailable'
  }
}

/** `error` is the name that the method's lexicon gives the refusal. */
function refusalOf({ error, status = 0 }: XrpcError): Problem {
  if (error === 'MethodNotImplemented' || status === 501) return 'not_supported'
  if (status === 429 || status >= 500) return 'unavailable'
  return error === 'RecordNotFound' ? 'not_found' : 'refused'
}
