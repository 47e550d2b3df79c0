/**
 * Text that another server, or a visitor, wrote. Before it reaches an error, a log or a terminal, secrets are taken out of
 * it, and it cannot break a line, control a terminal or turn the direction of the text around it.
 */

/** Control characters (C0 and C1), marks such as those of text direction, line separators, and what is never seen. */
const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
const lineControls = /[\p{Cc}\p{Zl}\p{Zp}]/gu
/** Format characters and halves of characters; not the joiners of emoji and letters, and not the letters of flags. */
const hiddenInNames = /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cf}\p{Cs}]/gu
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Z}\p{C}]/gu
/** Limits of `displayName` in the lexicon app.bsky.actor.profile. */
const MAX_NAME_LETTERS = 64
const MAX_NAME_BYTES = 640
const controlsAndSpaces = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu
/** Of a secret, so much is enough to recognise it: a server may quote only a part. */
const PIECE = 16
const SHORT_TEXT = 1_000
/**
 * What looks like a secret, wherever it stands: JWTs (tokens, proofs, assertions), the tokens, codes and request URIs of the
 * reference server, and the session ids of connections, which an error of the application's database may quote.
 */
const secretShapes =
  /(?<![\w-])ey[\w-]{8,}(?:\.[\w-]*)+|\b(?:tok|ref|code|req)-[0-9a-f]{16,}|\bconnection\.[\w-]{43}(?![\w-])/g
const REDACTED = '[redacted]'
const MAX_LENGTH = 300

export interface CleanOptions {
  /** What the server was sent and may quote; those shorter than 16 characters are redacted only as a whole. */
  readonly secrets?: readonly string[] | undefined
  /** Default 300. */
  readonly maxLength?: number | undefined
}

/**
 * Returns a server's text in one line, without secrets and control characters, and shortened; undefined when nothing is
 * left of it.
 */
export function cleanText(
  text: string,
  { secrets = [], maxLength = MAX_LENGTH }: CleanOptions = {},
): string | undefined {
  // Redacted before it is shortened: half a token must not stay behind. Control characters go first, so that none of
  // them splits a token in two.
  const shown = redact(
    text.replace(controls, (character) => (/[\s\u0085]/.test(character) ? ' ' : '')),
    secrets,
  )
  return shown.replace(controlsAndSpaces, ' ').trim().slice(0, maxLength).trim() || undefined
}

/**
 * Returns a name that anyone may have written, in one line: without control characters, marks of text direction and other
 * characters that are never seen, but with those that join emoji and letters. Undefined when nothing of it can be seen, or
 * when it is longer than 64 letters or 640 bytes, as no name in the AT Protocol is.
 */
export function cleanName(text: string): string | undefined {
  // First, so that no more than this is ever looked at.
  if (text.length > MAX_NAME_BYTES) return undefined
  const shown = text.replace(lineControls, ' ').replace(hiddenInNames, '').replace(/\s+/g, ' ').trim()
  if (shown.replace(unseen, '') === '' || new TextEncoder().encode(shown).length > MAX_NAME_BYTES)
    return undefined
  // A letter is one unit of text at least, so that most names need not be counted.
  return shown.length > MAX_NAME_LETTERS && countLetters(shown) > MAX_NAME_LETTERS ? undefined : shown
}

/** The segmenter is created only here, because the first one in a process takes 13 ms. */
function countLetters(text: string): number {
  return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].length
}

/** Returns the text with each secret in it, and each piece of 16 characters of a longer one, replaced by `[redacted]`. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let shown = text
  for (const secret of secrets)
    if (secret !== '' && secret.length < PIECE) shown = shown.replaceAll(secret, REDACTED)
  return withoutPieces(shown, secrets).replace(secretShapes, REDACTED)
}

/**
 * Whether a text of 16 characters is a piece of a secret, as it is or percent-encoded: a server may quote the middle of one,
 * or wrap its lines. Most errors are one sentence, for which it is quicker to search the secrets than to cut them up.
 */
function createPieceTest(secrets: readonly string[], textLength: number): (piece: string) => boolean {
  const spellings = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
  if (textLength <= SHORT_TEXT) return (piece) => spellings.some((spelling) => spelling.includes(piece))
  const pieces = new Set<string>()
  for (const spelling of spellings) {
    for (let at = 0; at + PIECE <= spelling.length; at += 1) pieces.add(spelling.slice(at, at + PIECE))
  }
  return (piece) => pieces.has(piece)
}

function withoutPieces(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0 || text.length < PIECE) return text
  const isSecret = createPieceTest(secrets, text.length)
  const isPiece = (end: number) => end <= text.length && isSecret(text.slice(end - PIECE, end))
  let [shown, shownTo] = ['', 0]
  for (let end = PIECE; end <= text.length; end += 1) {
    if (!isPiece(end)) continue
    shown += text.slice(shownTo, end - PIECE) + REDACTED
    while (isPiece(end + 1)) end += 1
    shownTo = end
    // What follows begins after this piece.
    end += PIECE - 1
  }
  return shown + text.slice(shownTo)
}

/**
 * Returns the text in one line for a log or a terminal: control characters, direction marks and line breaks are shown as
 * `\u009b`.
 */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at))}`).join(''),
  )
}

/** The same for a text of several lines: the line breaks `\n` stay. Only for text whose line breaks are our own. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n')
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0')
}
