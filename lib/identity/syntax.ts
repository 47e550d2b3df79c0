/**
 * Identifier syntax: handles and DIDs as the AT Protocol defines them (atproto.com/specs/handle,
 * atproto.com/specs/did), and what people type when they mean one.
 */
import { AtprotoAuthError } from '../errors.ts'

declare const brand: unique symbol

/** A handle in lower case: a syntactically valid domain name of at most 253 characters. */
export type Handle = string & { readonly [brand]: 'Handle' }

/** A DID of a method the AT Protocol supports, in canonical form. */
export type Did = `did:${'plc' | 'web'}:${string}` & { readonly [brand]: 'Did' }

const handlePattern = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const plcPattern = /^did:plc:[a-z2-7]{24}$/
const webPattern = /^did:web:([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const MAX_INPUT = 1_024
/** What copying from a page drags along: white space, zero-width and bidirectional marks, soft hyphen, BOM. */
const invisible = /[\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** Whether the text is a handle, in lower case, that could exist; reserved names too are valid syntax. */
export function isHandle(text: string): text is Handle {
  return text.length <= 253 && handlePattern.test(text)
}

/**
 * Whether the text is a did:plc, or a did:web of a host without port or path: the only forms that the
 * AT Protocol blesses. Upper case and percent-encoding are refused, so that one account has one spelling.
 */
export function isDid(text: string): text is Did {
  return plcPattern.test(text) || (text.length <= 261 && webPattern.test(text))
}

/**
 * The handle or DID that was typed or pasted; `@`, `at://`, white space, invisible marks and upper case are
 * forgiven.
 *
 * @throws AtprotoAuthError `invalid_identifier`
 */
export function parseIdentifier(input: string): Handle | Did {
  // Refused rather than cut: a cut could turn one handle into another.
  if (input.length <= MAX_INPUT) {
    const text = input
      .replace(invisible, '')
      .replace(/^at:\/\//i, '')
      .replace(/^@/, '')
    if (isDid(text)) return text
    const lower = text.toLowerCase()
    if (isHandle(lower)) return lower
  }
  throw new AtprotoAuthError(
    'invalid_identifier',
    'A handle such as alice.example.com or a DID (did:plc:…, did:web:…) was expected.',
  )
}

/**
 * The same check for a DID that a server sent.
 *
 * @throws AtprotoAuthError `invalid_identifier`
 */
export function parseDid(text: string): Did {
  if (isDid(text)) return text
  throw new AtprotoAuthError('invalid_identifier', 'A did:plc or a hostname-level did:web was expected.')
}
