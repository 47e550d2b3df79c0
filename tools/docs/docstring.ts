/** Docstrings as the sources have them: text, and the tags that this library uses. */

export interface Docstring {
  /** Markdown, with its line breaks as they are. */
  readonly text: string
  readonly params: readonly { readonly name: string; readonly text: string }[]
  readonly throws: string | undefined
  readonly returns: string | undefined
  /** Fenced code. */
  readonly examples: readonly string[]
}

/** @param comment from its slash to its slash, as in the source */
export function parseDocstring(comment: string): Docstring {
  const lines = comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const [text = '', ...tags] = lines.join('\n').split(/^@(?=[a-z]+\b)/m)
  const named = (name: string) =>
    tags.filter((tag) => tag.startsWith(`${name} `) || tag.startsWith(`${name}\n`)).map(withoutName)
  return {
    text: text.trim(),
    params: named('param').map((tag) => {
      const [name = '', ...words] = tag.split(/\s+/)
      return { name, text: words.join(' ').trim() }
    }),
    throws: named('throws')[0],
    returns: named('returns')[0],
    examples: named('example'),
  }
}

function withoutName(tag: string): string {
  // What stands in from the tag is no code.
  const isCode = tag.startsWith('example')
  return tag
    .replace(/^[a-z]+\s/, '')
    .replace(isCode ? /$^/g : /\n +/g, '\n')
    .trim()
}

/** The docstring as Markdown: paragraphs, then what comes back, what is thrown, and an example. */
export function renderDocstring(doc: Docstring | undefined): readonly string[] {
  if (!doc) return []
  return [
    ...(doc.text ? [doc.text] : []),
    ...(doc.params.length > 0
      ? [doc.params.map(({ name, text }) => `- \`${name}\`: ${text}`).join('\n')]
      : []),
    ...(doc.returns ? [`Returns ${doc.returns}`] : []),
    ...(doc.throws ? [`Throws: ${doc.throws}`] : []),
    ...doc.examples,
  ]
}
