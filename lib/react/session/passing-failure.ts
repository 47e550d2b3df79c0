/** Which failures of a promise mean "not known right now", so that a page is shown all the same. */

/**
 * Whether an error of the server may pass by itself, such as a StoreUnavailableError. In a client component, React
 * replaces each error of the server by one that has only a number (`digest`); it counts as passing, because the server
 * has logged it.
 */
export function isPassingFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // Read from the error itself, so that the browser does not load the classes.
  if ('retryable' in error) return error.retryable === true
  // Next's own signals, such as a redirect, have a digest that begins with letters.
  return 'digest' in error && /^\d/.test(String(error.digest))
}
