/**
 * The text of .env files, in the grammar of the parser in Next.js (dotenv). That of Node.js reads some lines in another way:
 * a secret that it does not see would get a new one in its place, and all sessions would end.
 */

/**
 * An assignment, with the space around it. As in dotenv, but for its beginning: there, the space may be lines, so that each of many
 * empty lines would be looked at from each line before it.
 */
const assignmentPattern =
  /^[^\S\r\n\u2028\u2029]*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm

/** Returns the variables. Of two with the same name, the last one counts. References such as `$OTHER` are not expanded. */
export function parseEnvText(text: string): Readonly<Record<string, string>> {
  const assignments = text.replaceAll(/\r\n?/g, '\n').matchAll(assignmentPattern)
  return Object.fromEntries(
    [...assignments].map(([, name = '', value = '']) => [name, unquote(value.trim())]),
  )
}

function unquote(value: string): string {
  const inner = value.replaceAll(/^(['"`])([\s\S]*)\1$/gm, '$2')
  return value.startsWith('"') ? inner.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : inner
}

/** Sets a variable in the text: replaces the assignment that counts, with all lines of its value, or adds a line. */
export function setVariable(text: string, name: string, line: string): string {
  const last = [...text.matchAll(assignmentPattern)].findLast(([, assigned]) => assigned === name)
  if (!last) return appendLines(text, [line])
  const [whole] = last
  const start = last.index + whole.length - whole.trimStart().length
  return text.slice(0, start) + line + text.slice(start + whole.trim().length)
}

/** Appends lines to a text. */
export function appendLines(text: string, lines: readonly string[]): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return lines.length === 0 ? text : `${start}${lines.join('\n')}\n`
}
