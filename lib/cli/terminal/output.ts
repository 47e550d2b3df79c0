/** Text for a terminal. Text from a server must not control the terminal. */

/** Characters that control a terminal: the control characters C0 and C1, and marks that change the text direction. */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu
/** Those of them that JSON.stringify does not escape. */
const controlsInJson = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu

/** Returns the text in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replace(controls, ' ').trim()
}

/** Returns the value as indented JSON. Control characters are escaped, which a JSON parser undoes. */
export function toJson(value: unknown): string {
  const toEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value, null, 2).replace(controlsInJson, toEscape)
}

/** Quotes the text as one word for a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
