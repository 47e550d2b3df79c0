/** Reads responses that must be JSON of a known shape. */
import type { z } from 'zod'
import { AtprotoAuthError } from '../errors.ts'
import { isJson, mediaTypeOf } from './media-type.ts'

/**
 * Returns the body of a response, parsed with the schema. Unknown fields are dropped.
 *
 * @param source the origin or URL that answered, for the error message
 * @throws AtprotoAuthError `invalid_response`; the message names the first invalid field
 */
export async function readJson<T>(response: Response, schema: z.ZodType<T>, source: string): Promise<T> {
  if (!isJson(response.headers)) {
    const type = describeType(response.headers)
    throw new AtprotoAuthError('invalid_response', `${source} answered with ${type} instead of JSON.`)
  }
  const parsed = schema.safeParse(parseJson(await response.text(), source))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'the document'
  throw new AtprotoAuthError('invalid_response', `${source}: ${field} is not as required (${issue?.code}).`)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The message of JSON.parse quotes the text, which may contain a token.
    throw new AtprotoAuthError('invalid_response', `${source} answered with malformed JSON.`)
  }
}

/** The right type, and those that servers send by mistake. Another may be anything, also what the server was sent. */
const knownTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/html',
  'text/json',
  'text/plain',
  'text/xml',
])

/** Names the media type of an answer in a message. */
export function describeType(headers: Headers): string {
  const type = mediaTypeOf(headers)
  if (type === undefined) return 'no type'
  return knownTypes.has(type) ? `type "${type}"` : 'an unusual type'
}
