/** What an operation was refused with; fails the test when it succeeds. */
export async function refusalOf(operation: Promise<unknown>): Promise<Error> {
  const outcome = await operation.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof Error) return outcome
  throw new Error('The operation was expected to be refused, but it succeeded.')
}
