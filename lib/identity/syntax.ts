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

/** The name of a lexicon: a method, a record collection or a permission set (atproto.com/specs/nsid). */
export type Nsid = string & { readonly [brand]: 'Nsid' }

const handlePattern = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const plcPattern = /^did:plc:[a-z2-7]{24}$/
const webPattern = /^did:web:([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const nsidPattern =
  /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\.[a-z][a-z0-9]{0,62}$/i
const MAX_INPUT = 1_024
/** What copying from a page drags along: zero-width and bidirectional marks, soft hyphen, BOM. */
const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const printable = /^[\x21-\x7e]+$/
const serverPattern = /^https?:\/\/([a-z0-9.-]+|\[::1\])(:\d{1,5})?\/?$/i

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

/** Whether the text is a whole NSID: at least three segments, 317 characters at most, no wildcard. */
export function isNsid(text: string): text is Nsid {
  return text.length <= 317 && nsidPattern.test(text)
}

/**
 * The handle or DID that was typed or pasted; `@`, `at://`, white space around it, invisible marks and upper case
 * are forgiven. Letters of other scripts are not: nothing is read as a name that looks like it.
 *
 * @throws AtprotoAuthError `invalid_identifier`
 */
export function parseIdentifier(input: string): Handle | Did {
  const text = withoutPasteMarks(input)
    .replace(/^at:\/\//i, '')
    .replace(/^@/, '')
  // Judged before the change to lower case, which would turn the Kelvin sign into a k.
  if (printable.test(text)) {
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
 * The origin of the server whose address, with nothing behind it, was typed or pasted; undefined for any other
 * text. Whether this server may be sent there is another question.
 */
export function parseServerUrl(input: string): string | undefined {
  const text = withoutPasteMarks(input)
  return serverPattern.test(text) ? URL.parse(text)?.origin : undefined
}

/** Empty for a text that is too long: a cut could turn one name into another. */
function withoutPasteMarks(input: string): string {
  return input.length > MAX_INPUT ? '' : input.replace(invisible, '').trim()
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
