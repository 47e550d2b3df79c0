/** What the query of the sign-in page adds to a form that is shown before the query is known. */
import { type ReactNode, use } from 'react'
import { isIdentifierError } from '../../web/sign-in-error.ts'
import { HiddenFields } from '../parts/post-form.tsx'
import { type ErrorLook, ErrorMessage, errorMessageOf, errorReferenceOf } from './error-message.tsx'
import { PrefilledField } from './prefilled-field.tsx'
import { MAX_SCOPE, type QueryValue, readSingle } from './search-param.ts'

/** `searchParams` of the page, as Next.js gives it. */
export type SignInQuery = Promise<Readonly<Record<string, QueryValue>>>

/** The fields that say where the user goes after signing in, and what for. */
export function fieldsOf(query: Readonly<Record<string, QueryValue>>) {
  return { returnTo: readSingle(query.returnTo), scope: readSingle(query.scope, MAX_SCOPE) }
}

interface FromQueryProps extends ErrorLook {
  readonly query: SignInQuery
  readonly fieldId: string
  readonly errorId: string
  readonly errorMessage: ReactNode
}

/** Hidden fields, the error message with its reference, and the value of the field. Suspends until the query is known. */
export function FromQuery({ query, fieldId, errorId, errorMessage, ...look }: FromQueryProps) {
  const values = use(query)
  const message = errorMessageOf({ error: values.error, errorMessage })
  return (
    <>
      <HiddenFields fields={fieldsOf(values)} />
      <ErrorMessage {...look} message={message} reference={errorReferenceOf(values)} id={errorId} />
      <PrefilledField
        fieldId={fieldId}
        value={readSingle(values.identifier)}
        errorId={message ? errorId : undefined}
        isInvalid={isIdentifierError(readSingle(values.error))}
      />
    </>
  )
}
