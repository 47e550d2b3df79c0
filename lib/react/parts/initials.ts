/** The initials that are shown when an account has no picture. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Returns the first letters of the first two words of a name, a handle or a DID, without changing their case. A letter
 * is a grapheme, that is, what a reader sees as one letter. A name without letters gives its first grapheme, and an
 * empty name gives an empty string.
 *
 * @example
 * ```tsx
 * <span aria-hidden="true">{initials('Bob Hatter')}</span>
 * ```
 */
export function initials(name: string): string {
  const words = name
    .replace(/^did:[a-z]+:/, '')
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+/u, ''))
    .filter((word) => word !== '')
  return words.slice(0, 2).map(firstGrapheme).join('') || firstGrapheme(name.trim())
}

function firstGrapheme(text: string): string {
  const [first] = segmenter.segment(text)
  return first?.segment ?? ''
}
