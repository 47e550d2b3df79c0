/**
 * Identifier syntax: handles, DIDs, NSIDs and CIDs as the AT Protocol defines them (atproto.com/specs/handle,
 * atproto.com/specs/did), and the variants that users type or paste.
 */
import { AtprotoAuthError, InvalidIdentifierError } from '../errors.ts'
import { asciiFormOf, type Misreading, recognizeMisreading, subjectOfProfileUrl } from './typed-text.ts'

declare const brand: unique symbol

/** A handle in lower case: a syntactically valid domain name of at most 253 characters. */
export type Handle = string & { readonly [brand]: 'Handle' }

/** A DID of a method the AT Protocol supports, in canonical form. */
export type Did = `did:${'plc' | 'web'}:${string}` & { readonly [brand]: 'Did' }

/** The name of a lexicon: an XRPC method, a record collection or a permission set (atproto.com/specs/nsid). */
export type Nsid = string & { readonly [brand]: 'Nsid' }

const handlePattern = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const plcPattern = /^did:plc:[a-z2-7]{24}$/
const webPattern = /^did:web:([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const nsidPattern =
  /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\.[a-z][a-z0-9]{0,62}$/i
/** The first version in base32, as the AT Protocol writes links; blobs of its first days have the version before. */
const cidPattern = /^(b[a-z2-7]{20,200}|Qm[1-9A-HJ-NP-Za-km-z]{44})$/
const MAX_INPUT = 1_024
/** Characters that come along when text is copied from a page: zero-width and bidirectional marks, soft hyphen, BOM. */
const invisible = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g
const printable = /^[\x21-\x7e]+$/
const serverPattern = /^https?:\/\/([a-z0-9.-]+|\[::1\])(:\d{1,5})?\/?$/i

/** Whether the text is a syntactically valid handle in lower case. Reserved names are valid syntax too. */
export function isHandle(text: string): text is Handle {
  return text.length <= 253 && handlePattern.test(text)
}

/**
 * Whether the text is a did:plc, or a did:web of a host without port or path. The AT Protocol allows no other forms.
 * Upper case and percent-encoding are refused, so that each account has exactly one spelling.
 */
export function isDid(text: string): text is Did {
  return plcPattern.test(text) || (text.length <= 261 && webPattern.test(text))
}

/** Whether the text is a complete NSID: at least three segments, at most 317 characters, no wildcard. */
export function isNsid(text: string): text is Nsid {
  return text.length <= 317 && nsidPattern.test(text)
}

/** Whether the text is the CID of a blob or record, in the two forms that the AT Protocol has (atproto.com/specs/data-model). */
export function isCid(text: string): boolean {
  return cidPattern.test(text)
}

/**
 * Parses a handle or DID that a user typed or pasted. A leading `@` or `at://`, surrounding white space, invisible
 * characters and upper case are accepted, and so is the address of a profile page on a well-known site. Letters of other
 * scripts are not: a name that only looks like another one is never taken for it.
 *
 * @throws InvalidIdentifierError `invalid_identifier`; says what the text is like, if that is known
 */
export function parseIdentifier(input: string): Handle | Did {
  const pasted = withoutPasteMarks(input)
  const text = (subjectOfProfileUrl(pasted) ?? pasted.replace(/^at:\/\//i, '')).replace(/^@/, '')
  // Before changing to lower case, which would turn the Kelvin sign into a k.
  if (printable.test(text)) {
    if (isDid(text)) return text
    const lower = text.toLowerCase()
    if (isHandle(lower)) return lower
  }
  // `@alice@mastodon.example` is an account of another network, and no e-mail address.
  const looksLike = /^@[^@]+@/.test(pasted) ? undefined : recognizeMisreading(text)
  const hint = looksLike === undefined ? '' : ` ${hints[looksLike](text)}`
  throw new InvalidIdentifierError(
    `Expected a handle such as alice.example.com, or a DID (did:plc:… or did:web:…).${hint}`,
    looksLike,
  )
}

/** They do not repeat what was typed: the form of a name holds only the characters of host names. */
const hints: { readonly [kind in Misreading]: (text: string) => string } = {
  email: () => 'This is an e-mail address.',
  web_address: () => 'This is the address of a web page or server.',
  other_letters: (text) =>
    `This has other letters than a to z. Servers know such a name as ${asciiFormOf(text)}; enter that form if it is the right one.`,
}

/**
 * Parses the address of a server that a user typed or pasted, with nothing after the host and port. Returns its
 * origin, or undefined for any other text. Whether a request may go there is not checked here.
 */
export function parseServerUrl(input: string): string | undefined {
  const text = withoutPasteMarks(input)
  return serverPattern.test(text) ? URL.parse(text)?.origin : undefined
}

/** Returns an empty text for one that is too long, because cutting it could turn one name into another. */
function withoutPasteMarks(input: string): string {
  return input.length > MAX_INPUT ? '' : input.replace(invisible, '').trim()
}

/**
 * Parses a DID that a server sent.
 *
 * @throws AtprotoAuthError `invalid_identifier`
 */
export function parseDid(text: string): Did {
  if (isDid(text)) return text
  throw new AtprotoAuthError(
    'invalid_identifier',
    'Expected a did:plc, or a did:web of a host without port and path.',
  )
}
