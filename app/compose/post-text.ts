/**
 * How long a post may be: the limits of the `app.bsky.feed.post` lexicon. Used by the server action, which
 * decides, and by the form in the browser, which only counts along.
 */

export const maxGraphemes = 300
export const maxBytes = 3000
/** In UTF-16 code units: above that a text is not even counted. */
const maxLength = 20_000

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The text as it will be posted: line ends as LF (forms send CRLF), no white space around it. */
export function normalizePostText(raw: string): string {
  return raw.replace(/\r\n?/g, '\n').trim()
}

/** How many characters a reader sees: an emoji made of several code points is one. */
export function countGraphemes(text: string): number {
  let count = 0
  for (const _ of segmenter.segment(text)) count += 1
  return count
}

/**
 * What keeps a text from being posted, in words for the person who typed it, or undefined.
 *
 * @param text as `normalizePostText` returns it
 * @param hasPictures a picture needs no words
 */
export function findPostTextProblem(text: string, hasPictures = false): string | undefined {
  if (text === '' && !hasPictures) return 'Write something first.'
  // Counting what a reader sees takes its time: not for a text that no limit lets through.
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
