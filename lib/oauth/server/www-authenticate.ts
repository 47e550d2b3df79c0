/** Challenges in `WWW-Authenticate` (RFC 9110 §11.6.1): a list of schemes, each with parameters in any order. */

export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Name in lower case, and value. */
  readonly params: readonly (readonly [name: string, value: string])[]
}

/** Either `name = value` or a word; the first word begins a challenge, and each that comes after a comma. */
const piece = /(,\s*)?([!#$%&'*+.^_`|~A-Za-z0-9-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g
const MAX_LENGTH = 8_192

/** The challenges of a response, in order. */
export function readChallenges(response: Response): readonly Challenge[] {
  const header = response.headers.get('www-authenticate')?.slice(0, MAX_LENGTH) ?? ''
  const challenges: { readonly scheme: string; readonly params: [string, string][] }[] = []
  for (const [, before = '', name = '', quoted, plain] of header.matchAll(piece)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
    if (value === undefined) {
      // Other words are those of a text with unescaped quotes, such as rsky sends.
      if (before || challenges.length === 0) challenges.push({ scheme: name.toLowerCase(), params: [] })
    } else challenges.at(-1)?.params.push([name.toLowerCase(), value])
  }
  return challenges
}

/** Whether the response holds a DPoP challenge with that `error` (RFC 9449 §7.1, RFC 6750 §3.1). */
export function hasChallenge(response: Response, error: string): boolean {
  return readChallenges(response).some(
    ({ scheme, params }) =>
      scheme === 'dpop' && params.some(([name, value]) => name === 'error' && value === error),
  )
}
