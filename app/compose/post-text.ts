/**
 * The limits of the `app.bsky.feed.post` lexicon for the text. The server action enforces them; the form in the browser
 * shows how many characters are left.
 */

export const maxGraphemes = 300
export const maxBytes = 3000
/** In UTF-16 code units: characters of a longer text are not counted. */
const maxLength = 20_000

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The text as it will be posted: line breaks as LF (forms send CRLF), without white space at both ends. */
export function normalizePostText(raw: string): string {
  return raw.replace(/\r\n?/g, '\n').trim()
}

/** How many characters a reader sees: an emoji of several code points is one. */
export function countGraphemes(text: string): number {
  let count = 0
  for (const _ of segmenter.segment(text)) count += 1
  return count
}

/**
 * Why a text cannot be posted, as a sentence for the person who typed it; undefined when it can.
 *
 * @param text as `normalizePostText` returns it
 * @param hasPictures a post with pictures needs no text
 */
export function findPostTextProblem(text: string, hasPictures = false): string | undefined {
  if (text === '' && !hasPictures) return 'Write something first.'
  // Counting the characters of a very long text would take a while.
  if (text.length > maxLength) return `Your post is much too long. The limit is ${maxGraphemes} characters.`
  const graphemes = countGraphemes(text)
  if (graphemes > maxGraphemes) {
    return `Your post is ${plural(graphemes - maxGraphemes, 'character')} too long. The limit is ${maxGraphemes}.`
  }
  const bytes = new TextEncoder().encode(text).length
  if (bytes > maxBytes) {
    return `Your post is ${plural(bytes - maxBytes, 'byte')} too long. Some characters, such as emoji, take more room than others; the limit is ${maxBytes} bytes.`
  }
  return undefined
}

/** The count with its noun: “1 character”, “2 characters”. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
