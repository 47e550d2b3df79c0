/**
 * What people type or paste in place of a handle: the address of a profile page, which names the handle, and other
 * things, which are only recognised so that the person can be told what is expected.
 */
import type { InvalidIdentifierError } from '../errors.ts'

/** What a text is instead of a handle or DID. */
export type Misreading = NonNullable<InvalidIdentifierError['looksLike']>

/** Hosts of web clients whose profile pages are at `/profile/HANDLE-OR-DID`. */
const profileHosts: ReadonlySet<string> = new Set([
  'bsky.app',
  'main.bsky.dev',
  'staging.bsky.app',
  'deer.social',
  'blacksky.community',
])
const profilePattern = /^(?:https?:\/\/)?([a-z0-9.-]+)\/profile\/([^/?#]+)(?:[/?#].*)?$/i
const emailPattern = /^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/
const webAddressPattern = /^(?:https?:\/\/\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)+[/?#]\S*)$/i
/** Letters of any script, with the characters that a host name has in every script. */
const namePattern = /^[\p{L}\p{M}\p{N}\p{So}.\u3002\uff0e\uff61-]+$/u

/**
 * Returns the handle or DID in the address of a profile page, not yet checked; undefined for any other text. A post of
 * that profile, a query and a missing `https://` do not matter. On other hosts the same path may mean something else.
 */
export function subjectOfProfileUrl(text: string): string | undefined {
  const [, host = '', subject] = profilePattern.exec(text) ?? []
  return profileHosts.has(host.toLowerCase()) ? subject : undefined
}

/** Recognises a text that is neither a handle nor a DID; undefined when it is like nothing else either. */
export function recognizeMisreading(text: string): Misreading | undefined {
  if (emailPattern.test(text)) return 'email'
  if (webAddressPattern.test(text)) return 'web_address'
  return asciiFormOf(text) === undefined ? undefined : 'other_letters'
}

/**
 * Returns the form that servers use of a name in other letters than a to z, such as `xn--bcher-kva.example` for
 * `bücher.example`; undefined for any other text. It is for showing only: a name that looks like another one has a form
 * of its own, and the person has to see it.
 */
export function asciiFormOf(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range of ASCII.
  if (!namePattern.test(text) || /^[\x00-\x7f]*$/.test(text)) return undefined
  const hostname = URL.parse(`https://${text}`)?.hostname
  return hostname?.includes('.') ? hostname : undefined
}
