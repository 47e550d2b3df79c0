/** What to ask for when a page needs more than a session was granted. */
import 'server-only'
import type { Scopes } from '../../config/scopes.ts'
import { ConfigurationError } from '../../errors.ts'
import { scopeAllows } from '../../oauth/scope/compare.ts'

/**
 * The words of the declared scope that a sign-in asks for or that were granted already, and those that allow what is
 * needed; all of them when none alone does, as with permission sets, of which only the server knows what they hold.
 *
 * @param granted a session's scope
 * @param needed what `scopeAllows` takes
 * @throws ConfigurationError when the application declares nothing that allows it
 */
export function upgradedScope(granted: string, needed: string, { declared, signIn }: Scopes): string {
  const words = declared.split(' ')
  const base = new Set(signIn.split(' '))
  const parts = needed.split(' ').filter(Boolean)
  const sources = parts.map((part) => words.filter((word) => scopeAllows(word, part)))
  if (sources.some((found) => found.length === 0)) {
    if (!scopeAllows(declared, needed) && !words.some((word) => word.startsWith('include:'))) {
      throw new ConfigurationError(
        `requireSession() asks for the scope "${needed}", which the option scope does not hold. Add it there.`,
      )
    }
    return declared
  }
  const wanted = new Set(sources.flat())
  return words.filter((word) => base.has(word) || wanted.has(word) || scopeAllows(granted, word)).join(' ')
}
