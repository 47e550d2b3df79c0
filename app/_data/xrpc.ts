/**
 * XRPC calls to the signed-in person's own PDS (https://atproto.com/specs/xrpc). What can go wrong in
 * everyday use comes back as a `Problem`, so that a page can say it; everything else is thrown.
 */
import 'server-only'
import { AtprotoAuthError, type OAuthSession } from 'next-atproto-auth'
import { z } from 'zod'
import { readBoundedJson } from './bounded-json.ts'

export type Problem =
  | 'unavailable' // the PDS did not answer, or not properly: worth another try
  | 'session_ended' // the person has to sign in again
  | 'not_found' // the record does not exist
  | 'refused' // the PDS answered and said no

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

interface Query<T> {
  readonly nsid: string
  readonly params: Readonly<Record<string, string>>
  readonly schema: z.ZodType<T>
}

interface Procedure<T> {
  readonly nsid: string
  readonly body: unknown
  readonly schema: z.ZodType<T>
}

/** A page can wait this long for a PDS, not longer: then it says so. */
const readDeadlineMs = 8_000
/** A write gets longer, since nobody knows afterwards whether one that was cut off took place. */
const writeDeadlineMs = 20_000

const errorSchema = z.object({ error: z.string() })

/** The answer to an XRPC query (GET), decoded by `schema`. */
export async function query<T>(
  session: OAuthSession,
  { nsid, params, schema }: Query<T>,
): Promise<Answer<T>> {
  const path = `/xrpc/${nsid}?${new URLSearchParams(params)}`
  const response = await send(session, path, { deadlineMs: readDeadlineMs })
  return response.ok ? decode(response.value, schema) : response
}

/** The answer to an XRPC procedure (POST with a JSON body), decoded by `schema`. */
export async function procedure<T>(
  session: OAuthSession,
  { nsid, body, schema }: Procedure<T>,
): Promise<Answer<T>> {
  const response = await send(session, `/xrpc/${nsid}`, {
    deadlineMs: writeDeadlineMs,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.ok ? decode(response.value, schema) : response
}

interface SendOptions extends Omit<RequestInit, 'signal'> {
  /** For the whole response, its body included. */
  readonly deadlineMs: number
}

/** The PDS's response to a request, whatever its status, or the problem that kept it from answering. */
export async function send(
  session: OAuthSession,
  path: string,
  { deadlineMs, ...init }: SendOptions,
): Promise<Answer<Response>> {
  try {
    const signal = AbortSignal.timeout(deadlineMs)
    return { ok: true, value: await session.fetchHandler(path, { ...init, signal }) }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'unavailable'
  // A failing session store or a wrong configuration is this app's fault, not the PDS's: the error page speaks.
  if (!(error instanceof AtprotoAuthError)) throw error
  if (error.code === 'store_unavailable' || error.code === 'configuration') throw error
  if (error.code === 'session_ended') return 'session_ended'
  return error.code === 'token_rejected' ? 'refused' : 'unavailable'
}

async function decode<T>(response: Response, schema: z.ZodType<T>): Promise<Answer<T>> {
  const body = await readBoundedJson(response)
  if (response.ok) {
    const decoded = schema.safeParse(body)
    return decoded.success ? { ok: true, value: decoded.data } : { ok: false, problem: 'unavailable' }
  }
  if (response.status === 429 || response.status >= 500) return { ok: false, problem: 'unavailable' }
  const isMissing = errorSchema.safeParse(body).data?.error === 'RecordNotFound'
  return { ok: false, problem: isMissing ? 'not_found' : 'refused' }
}
