/** What a page's `searchParams` hold, so that they can be handed over as they are. */

const MAX_LENGTH = 2_048

/** A value of Next's `searchParams`: a link can say anything, also the same thing twice. */
export type QueryValue = string | readonly string[] | undefined

/** The value if it was given once, is not empty and not overlong. */
export function readOnce(value: QueryValue, maxLength = MAX_LENGTH): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined
}
