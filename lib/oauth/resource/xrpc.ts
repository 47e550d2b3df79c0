/** XRPC calls: a method's name and values in, parsed results out, refusals as errors (atproto.com/specs/xrpc). */
import { z } from 'zod'
import { AtprotoAuthError } from '../../errors.ts'
import { isNsid } from '../../identity/syntax.ts'
import { isJson } from '../../net/media-type.ts'
import { readBytes } from '../../net/read-bytes.ts'
import type { ResourceFetch } from './resource-fetch.ts'
import { parseServiceId } from './service-id.ts'
import { xrpcErrorOf } from './xrpc-error.ts'

type XrpcValue = string | number | boolean

export interface XrpcQueryOptions {
  /** The query; an array becomes one parameter for each element, undefined none. */
  readonly params?: Readonly<Record<string, XrpcValue | readonly XrpcValue[] | undefined>> | undefined
  /** The service that the PDS passes the call on to, e.g. `did:web:api.bsky.app#bsky_appview`. */
  readonly proxy?: string | undefined
  readonly headers?: HeadersInit | undefined
  /** Ends the call with its own reason, also while the answer is being read. */
  readonly signal?: AbortSignal | undefined
}

export interface XrpcProcedureOptions extends XrpcQueryOptions {
  /** Text, bytes, a Blob, form or stream is sent as it is; anything else as JSON. */
  readonly body?: unknown
  /** The body's media type; default what the body itself says, `application/json` for JSON. */
  readonly encoding?: string | undefined
}

export interface XrpcResult<Data> {
  /** JSON as it was parsed, bytes (`Uint8Array`) for any other media type, undefined when there was no body. */
  readonly data: Data
  readonly headers: Headers
}

/** What a call needs of its session. A refresh may change it during the call. */
export interface XrpcCaller {
  readonly fetch: ResourceFetch
  /** Origin of the PDS. */
  pds(): string
  /** What was granted. */
  scope(): string
  /** What must not appear in an error although the server may quote it. */
  secrets(): readonly string[]
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** An error of another shape counts as none: then only the status is known. */
const errorSchema = z.object({
  error: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9._#-]{0,127}$/)
    .optional()
    .catch(undefined),
  message: z.string().optional().catch(undefined),
})
const MAX_RESULT_BYTES = 16 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024
const MAX_MESSAGE = 300

/** The result of a query (GET), as `OAuthSession.get` describes it. */
export function queryXrpc<Unchecked>(
  nsid: string,
  options: XrpcQueryOptions,
  caller: XrpcCaller,
): Promise<XrpcResult<Unchecked>> {
  return call(nsid, options, { method: 'GET' }, caller)
}

/** The result of a procedure (POST), as `OAuthSession.post` describes it. */
export async function callProcedure<Unchecked>(
  nsid: string,
  options: XrpcProcedureOptions,
  caller: XrpcCaller,
): Promise<XrpcResult<Unchecked>> {
  const { body, encoding } = options
  const isRaw = isBody(body)
  const type = encoding ?? (isRaw ? defaultType(body) : body === undefined ? undefined : 'application/json')
  return call(
    nsid,
    options,
    {
      method: 'POST',
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
      ...(type !== undefined && { headers: { 'content-type': type } }),
    },
    caller,
  )
}

async function call<Unchecked>(
  nsid: string,
  { params = {}, proxy, headers: callersHeaders, signal }: XrpcQueryOptions,
  init: RequestInit,
  caller: XrpcCaller,
): Promise<XrpcResult<Unchecked>> {
  if (!isNsid(nsid)) throw new TypeError(`An NSID such as com.atproto.repo.getRecord was expected as method.`)
  const headers = new Headers(callersHeaders)
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
  if (proxy !== undefined && !headers.has('atproto-proxy'))
    headers.set('atproto-proxy', parseServiceId(proxy))
  if (!headers.has('accept')) headers.set('accept', 'application/json, */*;q=0.5')

  const path = `/xrpc/${nsid}`
  const sentWith = caller.secrets()
  const response = await caller.fetch(path + queryOf(params), { ...init, headers, signal: signal ?? null })
  if (!response.ok)
    throw await readError(nsid, response, { ...caller, secrets: () => [...sentWith, ...caller.secrets()] })
  const bytes = await readBytes(response, MAX_RESULT_BYTES, caller.pds())
  return { data: parseUnchecked<Unchecked>(bytes, response, caller.pds() + path), headers: response.headers }
}

function queryOf(params: NonNullable<XrpcQueryOptions['params']>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) query.append(name, String(item))
    }
  }
  return query.size > 0 ? `?${query}` : ''
}

function isBody(body: unknown): body is BodyInit {
  return (
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    body instanceof ReadableStream
  )
}

/** XRPC wants a media type with every body; bytes have none of their own. */
function defaultType(body: BodyInit): string | undefined {
  const isTyped = typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams
  return isTyped || (body instanceof Blob && body.type !== '') ? undefined : 'application/octet-stream'
}

/** The data has the type that the caller names: it is not checked, unless the caller uses a schema. */
function parseUnchecked<Unchecked>(bytes: Uint8Array, response: Response, endpoint: string): Unchecked {
  if (bytes.byteLength === 0) return undefined as Unchecked
  if (!isJson(response.headers)) return bytes as Unchecked
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Unchecked
  } catch {
    // The parser's own message quotes the text.
    throw new AtprotoAuthError('invalid_response', `${endpoint} was answered with malformed JSON.`, {
      endpoint,
      status: response.status,
    })
  }
}

async function readError(nsid: string, response: Response, caller: XrpcCaller): Promise<AtprotoAuthError> {
  const body = await readErrorBody(response, caller)
  const { error, message } = errorSchema.safeParse(body).data ?? {}
  return xrpcErrorOf({
    nsid,
    response,
    endpoint: `${caller.pds()}/xrpc/${nsid}`,
    granted: caller.scope(),
    now: caller.now(),
    error,
    errorMessage: message && harmless(message, caller.secrets()),
  })
}

/** The error's JSON; undefined for the page of a proxy, and for what is too long or too broken to say anything. */
async function readErrorBody(response: Response, { pds }: XrpcCaller): Promise<unknown> {
  if (!isJson(response.headers)) {
    await response.body?.cancel()
    return undefined
  }
  try {
    return JSON.parse(new TextDecoder().decode(await readBytes(response, MAX_ERROR_BYTES, pds())))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AtprotoAuthError) return undefined
    // The caller's own reason to abort.
    throw error
  }
}

/** A server's text for a message: no tokens, no line breaks, no marks that turn text round, and not endless. */
function harmless(text: string, secrets: readonly string[]): string | undefined {
  let shown = text.slice(0, 8 * MAX_MESSAGE)
  for (const secret of secrets) shown = shown.replaceAll(secret, '[redacted]')
  return (
    shown
      // Everything that looks like a JWT: a proof, an assertion, a token of another account.
      .replace(/\bey[\w-]{8,}(\.[\w-]*)+/g, '[redacted]')
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim()
      .slice(0, MAX_MESSAGE) || undefined
  )
}
