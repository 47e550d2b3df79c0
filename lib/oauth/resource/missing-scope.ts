/** A refusal for want of a scope, in the words of any server, and the scope that would help. */

import { redact } from '../../untrusted-text.ts'
import { missingScopes, scopeAllows } from '../scope/compare.ts'
import { readScope, splitScope } from '../scope/parse.ts'
import { readChallenges } from '../server/www-authenticate.ts'

/** A refused call, as far as it can tell of a missing scope. */
export interface ScopeRefusal {
  readonly response: Response
  readonly error: string | undefined
  /** What else the server said. */
  readonly words: string | undefined
  /** The session's scope. */
  readonly granted: string
  /** The scope of the client metadata. */
  readonly declared: string
  /** What must not appear in an error although the server may quote it. */
  readonly secrets: readonly string[]
}

export interface MissingScope {
  /** Undefined when the server named none that can be read. */
  readonly missingScope: string | undefined
  /** Undefined when the client may not ask for it. */
  readonly askFor: string | undefined
}

/** The reference PDS says the first; Cirrus, ezpds, pegasus, tranquil and rsky the second; RFC 6750 §3.1 the third. */
const errorNames: ReadonlySet<string | undefined> = new Set([
  'ScopeMissingError',
  'InsufficientScope',
  'insufficient_scope',
])
/** With or without colon, quotes of any kind and full stop. */
const message =
  /^Missing (?:required )?scopes?:?\s+(?:["“]([^"“”]+)["”]|['‘]([^'‘’]+)['’]|`([^`]+)`|(\S+?))\.?$/i
const MAX_SCOPE = 512

/** What is missing, for an answer that says so (RFC 6750 §3.1, or its body); undefined for any other answer. */
export function findMissingScope(refusal: ScopeRefusal): MissingScope | undefined {
  const { response, error, words = '', granted, declared, secrets } = refusal
  if (response.status !== 403 && response.status !== 401) return undefined
  const challenge = insufficientScope(response)
  if (!errorNames.has(error) && !challenge) return undefined
  const [, ...spellings] = message.exec(words) ?? []
  const named = spellings.find((text) => text !== undefined) ?? challenge?.scope
  const missingScope = onlyScope(
    named !== undefined && redact(named, secrets) === named ? named : undefined,
    granted,
  )
  return { missingScope, askFor: missingScope && askFor(missingScope, granted, declared) }
}

/** The challenge, of whatever scheme, and its `scope` if there is one. */
function insufficientScope(response: Response): { readonly scope: string | undefined } | undefined {
  const found = readChallenges(response)
    .map(({ params }) => new Map(params))
    .find((params) => params.get('error') === 'insufficient_scope')
  return found && { scope: found.get('scope') }
}

/** The one scope of a server's list that the session does not have; RFC 6750 lets it name all that the call needs. */
function onlyScope(named: string | undefined, granted: string): string | undefined {
  if (named === undefined || named.length > MAX_SCOPE) return undefined
  const all = splitScope(named)
  const [scope, ...others] = all.length === 1 ? all : all.filter((word) => !scopeAllows(granted, word))
  const isReadable = scope !== undefined && others.length === 0 && readScope(scope).resource !== 'invalid'
  return isReadable ? scope : undefined
}

/**
 * Declared scopes and no others, because a server must not write what a user is asked for next: those that are granted, in
 * full or in part, and the one that allows what is missing.
 */
function askFor(missing: string, granted: string, declared: string): string | undefined {
  const all = splitScope(declared)
  const help = all.find((scope) => scopeAllows(scope, missing))
  if (help === undefined) return undefined
  const lacking = missingScopes(declared, granted)
  const isPartly = (scope: string) => splitScope(granted).some((part) => scopeAllows(scope, part))
  return all.filter((scope) => scope === help || !lacking.includes(scope) || isPartly(scope)).join(' ')
}
