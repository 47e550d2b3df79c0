/** The scope to ask for when a page needs more than a session has. */
import 'server-only'
import type { Scopes } from '../../config/scopes.ts'
import { ConfigurationError } from '../../errors.ts'
import { scopeAllows } from '../../oauth/scope/compare.ts'

/**
 * The values of the declared scope that a sign-in asks for, that are granted already, or that allow what is needed. All
 * declared values when none of them allows it by itself, as with permission sets: only the authorization server knows
 * what a permission set contains.
 *
 * @param granted the session's scope
 * @param needed as for `scopeAllows`
 * @throws ConfigurationError when the declared scope contains nothing that allows it
 */
export function upgradedScope(granted: string, needed: string, { declared, signIn }: Scopes): string {
  const values = declared.split(' ')
  const asked = new Set(signIn.split(' '))
  const parts = needed.split(' ').filter(Boolean)
  const allowing = parts.map((part) => values.filter((value) => scopeAllows(value, part)))
  if (allowing.some((found) => found.length === 0)) {
    if (!scopeAllows(declared, needed) && !values.some((value) => value.startsWith('include:'))) {
      throw new ConfigurationError(
        `requireSession() asks for the scope "${needed}", which the option scope does not contain. Add it there.`,
      )
    }
    return declared
  }
  const added = new Set(allowing.flat())
  return values
    .filter((value) => asked.has(value) || added.has(value) || scopeAllows(granted, value))
    .join(' ')
}
