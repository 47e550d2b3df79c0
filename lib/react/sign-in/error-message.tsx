/** The error that the sign-in form shows, and the reference by which the operator finds it in the log. */
import type { ReactNode } from 'react'
import { signInErrorReference } from '../../web/error-reference.ts'
import { signInErrorMessage } from '../../web/sign-in-error.ts'
import { type QueryValue, readSingle } from './search-param.ts'

interface ShownError {
  readonly state?: {
    readonly error?: string | undefined
    readonly errorReference?: string | undefined
  } | null
  readonly error?: QueryValue
  readonly errorReference?: QueryValue
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

/** Returns the reference of the error that is shown, never that of an earlier one. */
export function errorReferenceOf({ state, errorReference }: ShownError): string | undefined {
  return signInErrorReference(state?.error === undefined ? errorReference : state.errorReference)
}

/** The words and classes of the application. */
export interface ErrorLook {
  readonly referenceLabel?: ReactNode
  readonly classNames?: { readonly error?: string; readonly reference?: string }
}

interface ErrorMessageProps extends ErrorLook {
  /** Nothing is shown without one. */
  readonly message: ReactNode
  readonly reference: string | undefined
  readonly id: string
}

/** The reference is outside of the alert, so that screen readers do not spell it out each time. */
export function ErrorMessage({
  message,
  reference,
  id,
  referenceLabel = 'Reference:',
  classNames = {},
}: ErrorMessageProps) {
  if (!message) return null
  return (
    <>
      <p data-atproto="error" className={classNames.error} role="alert" id={id}>
        {message}
      </p>
      {reference === undefined ? null : (
        <p data-atproto="reference" className={classNames.reference}>
          {referenceLabel} <code translate="no">{reference}</code>
        </p>
      )}
    </>
  )
}
