/** The letters that stand in for a picture. */
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The first letters of the first two words of a name, a handle or a DID, as readers see letters; in the case they are
 * written in. A name without letters gives its first sign, and an empty one nothing.
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
  return words.slice(0, 2).map(firstSign).join('') || firstSign(name.trim())
}

function firstSign(text: string): string {
  const [first] = segmenter.segment(text)
  return first?.segment ?? ''
}
