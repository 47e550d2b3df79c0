/** Challenges in `WWW-Authenticate` (RFC 9110 §11.6.1): a list of schemes, each with parameters in any order. */

/** Either `name = value` or a word that begins a new challenge. */
const piece = /([!#$%&'*+.^_`|~A-Za-z0-9-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g

/** Whether the response holds a DPoP challenge with that `error` (RFC 9449 §7.1, RFC 6750 §3.1). */
export function hasChallenge(response: Response, error: string): boolean {
  const header = response.headers.get('www-authenticate')?.slice(0, 8_192)
  if (!header) return false
  let scheme = ''
  for (const [, name = '', quoted, plain] of header.matchAll(piece)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
    if (value === undefined) scheme = name.toLowerCase()
    else if (scheme === 'dpop' && name.toLowerCase() === 'error' && value === error) return true
  }
  return false
}
