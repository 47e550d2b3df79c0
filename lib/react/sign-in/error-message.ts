/** The error that the sign-in form shows. */
import type { ReactNode } from 'react'
import { signInErrorMessage } from '../../web/sign-in-error.ts'
import { type QueryValue, readSingle } from './search-param.ts'

interface ShownError {
  readonly state?: { readonly error?: string | undefined } | null
  readonly error?: QueryValue
  readonly errorMessage?: ReactNode
}

/** Returns the code of the error; that of an action takes precedence over the one in the URL. */
export function errorCodeOf({ state, error }: ShownError): string | undefined {
  return state?.error ?? readSingle(error)
}

/** Returns the message to show. A link can contain any code; an unknown one gets the general message. */
export function errorMessageOf(props: ShownError): ReactNode {
  const code = errorCodeOf(props)
  if (code === undefined) return undefined
  return props.errorMessage ?? signInErrorMessage(code) ?? signInErrorMessage('sign_in_failed')
}
