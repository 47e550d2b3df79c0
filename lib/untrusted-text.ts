/**
 * Text that another server, or a visitor, wrote. Before it reaches an error, a log or a terminal, secrets are taken out of
 * it, and it cannot break a line, control a terminal or turn the direction of the text around it.
 */

/** Control characters (C0 and C1), formatting marks such as those of text direction, and line separators. */
const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const controlsAndSpaces = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu
/** Of a secret, so much is enough to recognise it: a server may quote only its beginning. */
const PREFIX = 16
/** The characters of tokens, codes, verifiers and keys, also percent-encoded. */
const tokenRun = /^[A-Za-z0-9._~+/=%-]*/
/**
 * What looks like a secret although it is not one of ours: JWTs (tokens, proofs, assertions), and the tokens, codes and
 * request URIs of the reference server.
 */
const secretShapes = /(?<![\w-])ey[\w-]{8,}(?:\.[\w-]*)+|\b(?:tok|ref|code|req)-[0-9a-f]{16,}/g
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

/** Returns the text with each secret in it, also its first half alone, replaced by `[redacted]`. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let shown = text
  for (const secret of secrets) {
    for (const spelling of new Set([secret, encodeURIComponent(secret)]))
      shown = withoutSecret(shown, spelling)
  }
  return shown.replace(secretShapes, REDACTED)
}

function withoutSecret(text: string, secret: string): string {
  if (secret === '') return text
  const [first = '', ...others] = text.split(secret.slice(0, PREFIX))
  if (others.length === 0) return text
  return first + others.map((rest) => REDACTED + afterSecret(rest, secret)).join('')
}

/** What follows the secret: nothing of it remains, however much of it was quoted. */
function afterSecret(rest: string, secret: string): string {
  return secret.length < PREFIX ? rest : rest.replace(tokenRun, '')
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
