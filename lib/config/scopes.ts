/** What an application asks people for, from the options `scope` and `signInScope`. */
import { ConfigurationError } from '../errors.ts'
import { parseDeclaredScope } from '../oauth/scope/lint.ts'

/** What the application asks people for, each space-separated. */
export interface Scopes {
  /** All that it will ever ask for, as its client metadata say. */
  readonly declared: string
  /** What a sign-in asks for. */
  readonly signIn: string
}

interface ScopeOptions {
  readonly scope?: string | undefined
  readonly signInScope?: string | undefined
}

/** What is asked for: `signInScope` has to be a part of `scope`, word by word, because servers compare it so. */
export function readScopes({ scope = 'atproto', signInScope }: ScopeOptions): Scopes {
  const declared = parseDeclaredScope(scope).join(' ')
  if (signInScope === undefined) return { declared, signIn: declared }
  const words = parseDeclaredScope(signInScope)
  const unknown = words.find((word) => !declared.split(' ').includes(word))
  if (unknown === undefined) return { declared, signIn: words.join(' ') }
  throw new ConfigurationError(`The option signInScope holds "${unknown}", which the option scope does not.`)
}
