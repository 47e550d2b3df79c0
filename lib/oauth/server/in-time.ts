/** A limit for waiting on what nothing depends on. */

/** What the answer gives, or undefined when it is not there after `limitMs`. What it came from is not stopped. */
export async function inTime<T>(answer: Promise<T>, limitMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, limitMs)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
