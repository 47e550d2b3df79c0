/** What a server says when it refuses a request, in whatever form it says it. */
import { z } from 'zod'
import { mediaTypeOf } from '../../net/media-type.ts'
import { cleanText } from '../../untrusted-text.ts'

/** The members of an error answer: of OAuth (RFC 6749 §5.2) and of XRPC, which some servers use for both. */
const memberNames = ['error', 'error_description', 'message'] as const
const bodySchema = z.record(z.string(), z.unknown())
/** An error's body as it came: untrusted, and perhaps with secrets in it. */
export interface RefusalBody {
  readonly error?: string | undefined
  readonly error_description?: string | undefined
  readonly message?: string | undefined
  /** What members of another form say, such as `{ "error": { "message": "…" } }`: only to be shown. */
  readonly other?: string | undefined
}

export interface RefusalWords {
  /** The name of the error, e.g. `invalid_grant` or `RecordNotFound`; undefined when none came. */
  readonly error: string | undefined
  /** What else was said, in one line, without secrets; an `error` that is no name is part of it. */
  readonly text: string | undefined
}

/** Names of OAuth and of lexicons. */
const errorName = /^[A-Za-z][A-Za-z0-9._#-]{0,127}$/

/** A member of another form is read so deep and so wide. */
const [MAX_DEPTH, MAX_TEXTS] = [3, 8]

/** The members that a text holds, if it is a JSON object; undefined for anything else, such as the page of a proxy. */
export function parseRefusal(text: string): RefusalBody | undefined {
  try {
    const { data } = bodySchema.safeParse(JSON.parse(text))
    return data && bodyOf(data)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** An answer with tokens in a form that is not read: it could not be redacted, because nothing like them was sent. */
const newTokens = /\b(?:access|refresh)_token\b/

/** The same of a response: what is called plain text, as from servers that failed to read the request, is a message. */
export function parseRefusalText(text: string, headers: Headers): RefusalBody | undefined {
  return parseRefusal(text) ?? (isPlainText(headers) && !newTokens.test(text) ? { message: text } : undefined)
}

/** Whether a body is text for people who read logs; a page is not. */
export function isPlainText(headers: Headers): boolean {
  return mediaTypeOf(headers) === 'text/plain'
}

function bodyOf(data: Readonly<Record<string, unknown>>): RefusalBody {
  const [error, error_description, message] = memberNames.map((name) => textOf(data[name]))
  const others = memberNames.map((name) => data[name]).filter((value) => textOf(value) === undefined)
  const other = textsIn(others, MAX_DEPTH + 1).join(': ')
  return { error, error_description, message, other: other || undefined }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function textsIn(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return Object.values(value)
    .slice(0, MAX_TEXTS)
    .flatMap((inner) => textsIn(inner, depth - 1))
}

/**
 * The words of a refusal, safe for errors and logs.
 *
 * @param secrets what the server was sent and may quote
 * @param maxLength of the text; default 300
 */
export function refusalWords(
  { error = '', error_description, message, other }: RefusalBody,
  secrets: readonly string[],
  maxLength?: number,
): RefusalWords {
  const described = [error_description || message, other].filter(Boolean).join(': ')
  // A token in the place of the name is no name.
  const isName = errorName.test(error) && cleanText(error, { secrets }) === error
  const text = isName ? described : [error, described].filter(Boolean).join(': ')
  return { error: isName ? error : undefined, text: cleanText(text, { secrets, maxLength }) }
}
