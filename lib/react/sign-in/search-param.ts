/** Values of a page's `searchParams`, which can be passed to the sign-in form unchanged. */

const MAX_LENGTH = 2_048
/** The same limit as on the page of the route handlers: an application may ask for a hundred permissions. */
export const MAX_SCOPE = 8_192

/** A value of `searchParams` of Next.js. A link can contain anything, including the same parameter twice. */
export type QueryValue = string | readonly string[] | undefined

/** Returns the value if it occurs once, is not empty and is at most `maxLength` characters long. */
export function readSingle(value: QueryValue, maxLength = MAX_LENGTH): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined
}
