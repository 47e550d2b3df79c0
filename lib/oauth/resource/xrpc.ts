/** XRPC calls: a method's name and values in, parsed results out, refusals as errors (atproto.com/specs/xrpc). */
import { type Did, isNsid } from '../../identity/syntax.ts'
import { withDeadline } from './deadline.ts'
import { forAccount } from './for-account.ts'
import type { ResourceFetch } from './resource-fetch.ts'
import { parseServiceId } from './service-id.ts'
import { assertSchema, type StandardSchema } from './standard-schema.ts'
import { type AnswerContext, readAnswer, type XrpcResult } from './xrpc-answer.ts'

type XrpcValue = string | number | boolean

export interface XrpcQueryOptions<Data = unknown> {
  /** The query; an array becomes one parameter for each element, undefined none. */
  readonly params?: Readonly<Record<string, XrpcValue | readonly XrpcValue[] | undefined>> | undefined
  /** The service that the PDS forwards the call to, e.g. `did:web:api.bsky.app#bsky_appview`. */
  readonly proxy?: string | undefined
  readonly headers?: HeadersInit | undefined
  /** Aborts the call with the signal's own reason, also while the answer is being read. */
  readonly signal?: AbortSignal | undefined
  /**
   * How long the whole call may take, in milliseconds, from a refresh of the tokens to the last byte of the answer; the
   * time that a `schema` takes does not count. By default only a minute without a byte ends a call.
   */
  readonly timeoutMs?: number | undefined
  /** The largest result that is read, in bytes; default 16 MiB. JSON may hold a million values, or one for 16 bytes of it. */
  readonly maxBytes?: number | undefined
  /**
   * Checks the result, which must be JSON, and gives `data` its type: a schema of Zod, Valibot, ArkType or any other
   * library that implements [Standard Schema](https://standardschema.dev).
   */
  readonly schema?: StandardSchema<Data> | undefined
}

export interface XrpcProcedureOptions<Data = unknown> extends XrpcQueryOptions<Data> {
  /** Text, bytes, a Blob, form or stream is sent as it is; anything else as JSON. */
  readonly body?: unknown
  /**
   * The body's media type. Default: the header `content-type`, otherwise what the body itself says, `application/json`
   * for JSON.
   */
  readonly encoding?: string | undefined
}

/** What a call needs of its session. A refresh may change it during the call. */
export interface XrpcCaller extends AnswerContext {
  readonly did: Did
  readonly fetch: ResourceFetch
}

/** The result of a query (GET), as `OAuthSession.get` describes it. */
export function queryXrpc<Data>(
  nsid: string,
  options: XrpcQueryOptions<Data>,
  caller: XrpcCaller,
): Promise<XrpcResult<Data>> {
  return call(nsid, options, { method: 'GET' }, caller)
}

/** The result of a procedure (POST), as `OAuthSession.post` describes it. */
export async function callProcedure<Data>(
  nsid: string,
  options: XrpcProcedureOptions<Data>,
  caller: XrpcCaller,
): Promise<XrpcResult<Data>> {
  const { body, headers } = options
  const isRaw = isBody(body)
  const encoding = options.encoding ?? new Headers(headers).get('content-type') ?? undefined
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

async function call<Data>(
  nsid: string,
  options: XrpcQueryOptions<Data>,
  init: RequestInit,
  caller: XrpcCaller,
): Promise<XrpcResult<Data>> {
  if (!isNsid(nsid)) throw new TypeError(`An NSID such as com.atproto.repo.getRecord was expected as method.`)
  const { params = {}, proxy, signal, timeoutMs, maxBytes, schema } = options
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw new TypeError('A positive whole number of bytes was expected as maxBytes.')
  }
  // Before anything is sent: a procedure that was carried out must not fail for want of a schema.
  if (schema !== undefined) assertSchema(schema)
  const headers = new Headers(options.headers)
  for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
  if (proxy !== undefined && !headers.has('atproto-proxy'))
    headers.set('atproto-proxy', parseServiceId(proxy))
  if (!headers.has('accept')) headers.set('accept', 'application/json, */*;q=0.5')

  const path = `/xrpc/${nsid}`
  const endpoint = caller.pds() + path
  const sentWith = caller.secrets()
  // A server may quote the tokens that the call began with as well as those of a refresh during the call.
  const context = { ...caller, secrets: () => [...sentWith, ...caller.secrets()] }
  const { did } = caller
  return withDeadline({ signal, timeoutMs, nsid, endpoint, did }, async (ending) => {
    const response = await caller.fetch(path + queryOf(params), { ...init, headers, signal: ending })
    try {
      return await readAnswer(response, { nsid, endpoint, maxBytes, schema }, context)
    } catch (error) {
      throw forAccount(error, did)
    }
  })
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
