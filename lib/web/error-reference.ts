/**
 * The reference of a failure: a short random text on the page that a visitor sees and in the log line of the same failure.
 * It says nothing of the failure and gives access to nothing.
 */

/** Without the digits and letters that look alike: 0 and O, 1 and I. Thirty-two, so that each is equally likely. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const LENGTH = 8
const referencePattern = /^[2-9A-HJ-NP-Z]{8}$/

/** Returns a new reference, such as `7K3QX9MP`: of the failures of a year, the same one seldom comes twice. */
export function createErrorReference(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH))
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

/**
 * The value of `?errorReference=` on the page that shows an error, by which the operator finds the failure in the log;
 * undefined for anything that is no reference, because a link can contain any text.
 */
export function signInErrorReference(value: unknown): string | undefined {
  return typeof value === 'string' && referencePattern.test(value) ? value : undefined
}
