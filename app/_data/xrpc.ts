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
  | 'scope_missing' // the person has not allowed this app to do it
  | 'not_supported' // the PDS does not know how to
  | 'refused' // the PDS answered and said no

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

interface Query<T> {
  readonly nsid: string
  readonly params: Readonly<Record<string, string>>
  readonly schema: z.ZodType<T>
  /** The service that the PDS passes the question on to; default the PDS itself. */
  readonly proxy?: string
}

interface Procedure<T> {
  readonly nsid: string
  /** A Blob is sent as it is, with its own type; anything else as JSON. */
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
  { nsid, params, schema, proxy }: Query<T>,
): Promise<Answer<T>> {
  const path = `/xrpc/${nsid}?${new URLSearchParams(params)}`
  const headers = proxy === undefined ? {} : { 'atproto-proxy': proxy }
  const response = await send(session, path, { deadlineMs: readDeadlineMs, headers })
  return response.ok ? decode(response.value, schema) : response
}

/** The answer to an XRPC procedure (POST), decoded by `schema`. */
export async function procedure<T>(
  session: OAuthSession,
  { nsid, body, schema }: Procedure<T>,
): Promise<Answer<T>> {
  const response = await send(session, `/xrpc/${nsid}`, {
    deadlineMs: writeDeadlineMs,
    method: 'POST',
    headers: { 'content-type': body instanceof Blob ? body.type : 'application/json' },
    body: body instanceof Blob ? body : JSON.stringify(body),
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
  if (!response.ok) return { ok: false, problem: refusalOf(response.status, body) }
  const decoded = schema.safeParse(body)
  return decoded.success ? { ok: true, value: decoded.data } : { ok: false, problem: 'unavailable' }
}

function refusalOf(status: number, body: unknown): Problem {
  const error = errorSchema.safeParse(body).data?.error
  if (error === 'MethodNotImplemented' || status === 501) return 'not_supported'
  if (status === 429 || status >= 500) return 'unavailable'
  if (error === 'ScopeMissingError') return 'scope_missing'
  return error === 'RecordNotFound' ? 'not_found' : 'refused'
}
