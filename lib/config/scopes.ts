/** The scopes of an application, from the options `scope` and `signInScope`. */
import { ConfigurationError } from '../errors.ts'
import { parseDeclaredScope } from '../oauth/scope/lint.ts'

/** Each space-separated. */
export interface Scopes {
  /** Everything that the application may ask for; its client metadata declares it. */
  readonly declared: string
  /** What a sign-in asks for. */
  readonly signIn: string
}

interface ScopeOptions {
  readonly scope?: string | undefined
  readonly signInScope?: string | undefined
}

/**
 * Each value of `signInScope` must occur in `scope` literally, because authorization servers compare the texts.
 *
 * @throws ConfigurationError
 */
export function readScopes({ scope = 'atproto', signInScope }: ScopeOptions): Scopes {
  const declared = parseDeclaredScope(scope).join(' ')
  if (signInScope === undefined) return { declared, signIn: declared }
  const values = parseDeclaredScope(signInScope)
  const unknown = values.find((value) => !declared.split(' ').includes(value))
  if (unknown === undefined) return { declared, signIn: values.join(' ') }
  throw new ConfigurationError(
    `The option signInScope contains "${unknown}", which the option scope does not contain.`,
  )
}
