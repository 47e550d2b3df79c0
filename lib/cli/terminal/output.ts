/** Text for a terminal. Text from a server must not control the terminal. */
import { escapeLines } from '../../untrusted-text.ts'
import type { Terminal } from './command.ts'

/**
 * Returns the terminal with control characters escaped in all that is printed there, as `\u001b`. Line breaks stay: text
 * of a server that stands in a line has to go through `escapeControls` before.
 */
export function escaping(terminal: Terminal): Terminal {
  return {
    ...terminal,
    print: (text) => terminal.print(escapeLines(text)),
    printError: (text) => terminal.printError(escapeLines(text)),
  }
}

/** Returns the value as indented JSON. Control characters are escaped, which a JSON parser undoes. */
export function toJson(value: unknown): string {
  return escapeLines(JSON.stringify(value, null, 2))
}

/** Quotes the text as one word for a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
