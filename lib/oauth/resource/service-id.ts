/** Services that a PDS passes calls on to, and blobs that it serves: identifiers that end up in headers and URLs. */
import { isCid } from '../../identity/syntax.ts'

/** A DID of any method, with one fragment that names the service (atproto.com/specs/xrpc, "Service Proxying"). */
const servicePattern = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._~-]+$/
const audiencePattern = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+(#[A-Za-z0-9._~-]+)?$/
const MAX_LENGTH = 2_048

/**
 * The identifier of a service, for the header `atproto-proxy`.
 *
 * @throws TypeError when it is not a DID, one `#` and the service's name
 */
export function parseServiceId(text: string): string {
  if (text.length <= MAX_LENGTH && servicePattern.test(text)) return text
  throw new TypeError('A service such as did:web:api.bsky.app#bsky_appview was expected.')
}

/**
 * The identifier of who a service token is for: a DID, or a service of a DID.
 *
 * @throws TypeError
 */
export function parseAudience(text: string): string {
  if (text.length <= MAX_LENGTH && audiencePattern.test(text)) return text
  throw new TypeError('An audience such as did:web:api.bsky.app was expected.')
}

/**
 * The CID of a blob.
 *
 * @throws TypeError
 */
export function parseCid(text: string): string {
  if (isCid(text)) return text
  throw new TypeError('The CID of a blob was expected.')
}
