/** Text for a terminal: whatever came from a server is made harmless first. */

/** What a terminal would act on: the control characters C0 and C1, and marks that turn the reading direction. */
const acting = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu
/** Those of them that JSON.stringify leaves as they are. */
const actingInJson = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu

/** The text in one line, without what a terminal would act on. */
export function oneLine(text: string): string {
  return text.replace(acting, ' ').trim()
}

/** The value as indented JSON that a terminal shows and does not act on; for a parser it is the same value. */
export function toJson(value: unknown): string {
  const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value, null, 2).replace(actingInJson, toEscape)
}

/** The text as one word of a POSIX shell's command line. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
