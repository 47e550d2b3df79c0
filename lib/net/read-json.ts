/** Answers that must be JSON of a known shape. */
import type { z } from 'zod'
import { AtprotoAuthError } from '../errors.ts'
import { isJson, mediaTypeOf } from './media-type.ts'

/**
 * The body of a response as the schema reads it; unknown fields are dropped.
 *
 * @param source the origin or URL that answered, for the message
 * @throws AtprotoAuthError `invalid_response`, naming the first field that is wrong
 */
export async function readJson<T>(response: Response, schema: z.ZodType<T>, source: string): Promise<T> {
  if (!isJson(response.headers)) {
    const type = mediaTypeOf(response.headers) ?? 'none'
    throw new AtprotoAuthError(
      'invalid_response',
      `${source} answered with type ${quote(type)} instead of JSON.`,
    )
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
    // The parser's own message quotes the text, which may hold a token.
    throw new AtprotoAuthError('invalid_response', `${source} answered with malformed JSON.`)
  }
}

/** A server's own text, shortened and stripped for a message. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
