/**
 * A path without the reference of a failure, for tests of everything else in it: the reference is random, and
 * tests/protocol/next/error-reference.test.ts is about it.
 */
export function withoutReference(location: string | null | undefined): string | undefined {
  return location?.replace(/&errorReference=[2-9A-HJ-NP-Z]{8}(?=[&#]|$)/, '')
}
