/** The answer to an XRPC call: its data, checked if there is a schema, or the refusal as an error (atproto.com/specs/xrpc). */
import { AtprotoAuthError } from '../../errors.ts'
import { contentEncodingOf, describeEncoding } from '../../net/content-encoding.ts'
import { discardBody } from '../../net/discard-body.ts'
import { isJson } from '../../net/media-type.ts'
import { readBytes } from '../../net/read-bytes.ts'
import { cleanText } from '../../untrusted-text.ts'
import { isPlainText, parseRefusalText, type RefusalBody, refusalWords } from '../server/refusal-words.ts'
import { applySchema, type StandardSchema } from './standard-schema.ts'
import { xrpcErrorOf } from './xrpc-error.ts'

export interface XrpcResult<Data> {
  /**
   * The output of `schema`. Without a schema: JSON as it was parsed, bytes (`Uint8Array`) for any other media type,
   * undefined when there was no body.
   */
  readonly data: Data
  readonly headers: Headers
}

/** The session that called, as it is when the answer has come. */
export interface AnswerContext {
  /** Origin of the PDS. */
  pds(): string
  /** What was granted. */
  scope(): string
  /** What the client may ask for: the scope of its metadata. */
  readonly declared: string
  /** What must not appear in an error although the server may quote it. */
  secrets(): readonly string[]
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** The call, and what its answer has to be. */
export interface AnsweredCall<Data> {
  readonly nsid: string
  readonly endpoint: string
  readonly schema?: StandardSchema<Data> | undefined
  readonly maxBytes?: number | undefined
}

const MAX_RESULT_BYTES = 16 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024
/** Of a result. A value takes up to thirty times the memory of the two bytes that say it, such as `{}`. */
const MAX_VALUES = 1024 * 1024
/** Callers that take larger results take more values: so many bytes a value has on average, and more in the network. */
const BYTES_OF_A_VALUE = 16
/** Long enough for a scope of the longest form that is read. */
const MAX_WORDS = 600

/**
 * The result that a response holds.
 *
 * @throws XrpcError when its status is not 2xx; AtprotoAuthError `response_too_large`, `invalid_response`
 */
export async function readAnswer<Data>(
  response: Response,
  call: AnsweredCall<Data>,
  context: AnswerContext,
): Promise<XrpcResult<Data>> {
  if (!response.ok) throw await readError(response, call, context)
  const { schema, maxBytes = MAX_RESULT_BYTES } = call
  const { headers, status } = response
  const invalid = (problem: string) =>
    new AtprotoAuthError('invalid_response', problem, { endpoint: call.endpoint, status })
  const noJson = `${call.nsid} was not answered with JSON, which a schema needs.`
  if (schema && !isJson(headers)) {
    await discardBody(response)
    throw invalid(noJson)
  }
  const bytes = await readBytes(response, maxBytes, context.pds())
  if (schema && bytes.byteLength === 0) throw invalid(noJson)
  if (isJson(headers) && hasMoreValues(bytes, Math.max(MAX_VALUES, maxBytes / BYTES_OF_A_VALUE))) {
    const problem = `${call.endpoint} was answered with more values than a JSON of ${maxBytes} bytes may hold.`
    throw new AtprotoAuthError('response_too_large', problem, { endpoint: call.endpoint, status })
  }
  const data = parseUnchecked<Data>(bytes, headers, () =>
    invalid(
      contentEncodingOf(headers) === undefined
        ? `${call.endpoint} was answered with malformed JSON.`
        : `${call.endpoint} answered with content encoding "${describeEncoding(headers)}", which could not be decoded.`,
    ),
  )
  if (!schema) return { data, headers }
  const checked = await applySchema(schema, data)
  if (checked.ok) return { data: checked.output, headers }
  const field = cleanText(checked.field, { secrets: context.secrets() }) ?? 'the whole answer'
  throw invalid(`The answer to ${call.nsid} does not fit the schema: ${field}.`)
}

/** What stands before each value but the first: a comma, `[` or `{`. It may stand in texts too. */
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b]

/** Whether JSON holds more values than that, found out without parsing it. */
function hasMoreValues(bytes: Uint8Array, max: number): boolean {
  let count = 0
  // Nothing to count in an answer of usual size. Not `for…of`, which takes ten times as long.
  for (let at = 0; bytes.byteLength > max && at < bytes.byteLength; at += 1) {
    const byte = bytes[at]
    if (byte === COMMA || byte === BRACKET || byte === BRACE) count += 1
  }
  return count > max
}

/** The data has the type that the caller named: without a schema it is not checked. */
function parseUnchecked<Unchecked>(
  bytes: Uint8Array,
  headers: Headers,
  malformed: () => AtprotoAuthError,
): Unchecked {
  if (bytes.byteLength === 0) return undefined as Unchecked
  if (!isJson(headers)) return bytes as Unchecked
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Unchecked
  } catch {
    // The parser's own message quotes the text.
    throw malformed()
  }
}

async function readError(
  response: Response,
  { nsid, endpoint }: AnsweredCall<unknown>,
  context: AnswerContext,
): Promise<AtprotoAuthError> {
  const body = await readErrorBody(response, context.pds())
  const secrets = context.secrets()
  const { error, text } = refusalWords(body ?? {}, secrets, MAX_WORDS)
  return xrpcErrorOf({
    nsid,
    response,
    endpoint,
    granted: context.scope(),
    declared: context.declared,
    secrets,
    now: context.now(),
    error,
    words: text,
  })
}

/** The error's JSON or plain text; undefined for the page of a proxy, and for what is too long or malformed. */
async function readErrorBody(response: Response, pds: string): Promise<RefusalBody | undefined> {
  const { headers } = response
  if (!isJson(headers) && !isPlainText(headers)) {
    await discardBody(response)
    return undefined
  }
  try {
    const bytes = await readBytes(response, MAX_ERROR_BYTES, pds)
    return parseRefusalText(new TextDecoder().decode(bytes), headers)
  } catch (error) {
    if (error instanceof AtprotoAuthError) return undefined
    // The caller's own reason to abort.
    throw error
  }
}
