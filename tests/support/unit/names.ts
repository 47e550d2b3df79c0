/** Identifiers that tests use, checked once. */
import { type Did, type Handle, isHandle, parseDid } from '../../../lib/identity/syntax.ts'

export const ALICE: Did = parseDid('did:plc:alicealicealicealicealic')
export const MALLORY: Did = parseDid('did:plc:mallorymallorymallorymal')

export function handle(text: string): Handle {
  if (!isHandle(text)) throw new TypeError(`${text} is no handle`)
  return text
}
