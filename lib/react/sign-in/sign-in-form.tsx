/**
 * The sign-in form. It is rendered on the server, works without scripts, and is unstyled unless the stylesheet is
 * loaded.
 */
import { type ReactNode, Suspense, use, useId } from 'react'
import { isIdentifierError } from '../../web/sign-in-error.ts'
import { DEFAULT_BASE_PATH, type FormTarget, NoScriptsField, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { type HandleInputProps, SuggestingInput } from '../suggestions/suggesting-input.tsx'
import { type SuggestionOptions, toSuggestionSettings } from '../suggestions/suggestion-options.ts'
import {
  type ErrorLook,
  ErrorMessage,
  errorCodeOf,
  errorMessageOf,
  errorReferenceOf,
} from './error-message.tsx'
import { FocusOnError } from './focus-on-error.tsx'
import { FromQuery, fieldsOf, type SignInQuery } from './from-query.tsx'
import { MAX_SCOPE, type QueryValue, readSingle } from './search-param.ts'
import { SignUpButtons, type SignUpButtonsProps, type SignUpHost } from './sign-up-buttons.tsx'

/**
 * The result of a server action for `useActionState` when a sign-in could not begin. `auth.signIn` with
 * `redirectOnFailure: false` returns it.
 */
export interface SignInFormState {
  /** A code of `SignInErrorCode`. */
  readonly error?: string | undefined
  /** The text that the user typed, so that they do not have to type it again. */
  readonly identifier?: string | undefined
  /** What finds the failure in the log. Any text that is no reference is not shown. */
  readonly errorReference?: string | undefined
}

/** Class names of the parts, in addition to their `data-atproto` attributes. */
export type SignInFormClassNames = {
  readonly [part in
    | 'form'
    | 'label'
    | 'hint'
    | 'error'
    | 'reference'
    | 'input'
    | 'submit'
    | 'signUpButton']?: string
}

/** Content that the application adds between the parts. */
export interface SignInFormSlots {
  /** Above the form. */
  readonly before?: ReactNode
  /** In the form, between the field and the button. Fields in it are submitted too. */
  readonly beforeSubmit?: ReactNode
  /** Below the form and the sign-up buttons. */
  readonly after?: ReactNode
}

/** Props of `<SignInForm>`. */
export interface SignInFormProps {
  /** Path of the library's route handlers, including the `basePath` of Next.js if you use one. Default `/oauth`. */
  readonly basePath?: string
  /** Where the form is submitted: a path or a server action. Default: the login route. */
  readonly action?: FormTarget
  /**
   * The state that `useActionState` returns, if `action` is the action it returns. It takes precedence over `error`,
   * `errorReference` and `identifier`. Null and an empty object mean that the form was not submitted yet.
   */
  readonly state?: SignInFormState | null
  /**
   * The page's `searchParams`, not awaited: the form is shown and can be used at once, and `error`, `errorReference`,
   * `identifier`, `returnTo` and `scope` of the query follow. The text and the focus in the field stay. Use it instead of
   * these five props.
   */
  readonly query?: SignInQuery
  /**
   * `error` from the page's `searchParams`: a code of `SignInErrorCode`. For any other text a general message is shown.
   */
  readonly error?: QueryValue
  /**
   * `errorReference` from the page's `searchParams`: shown below the error, so that you can find the failure in your log.
   * Any text that is no reference is not shown.
   */
  readonly errorReference?: QueryValue
  /** `identifier` from the page's `searchParams`: the initial value of the field. */
  readonly identifier?: QueryValue
  /** `returnTo` from the page's `searchParams`, or a path of this site: where the user goes after signing in. */
  readonly returnTo?: QueryValue
  /**
   * `scope` from the page's `searchParams`: the scope that a page with `requireSession({ scope })` needs. Always pass
   * it on: without it, the user cannot grant the permission, and that page redirects them here again.
   */
  readonly scope?: QueryValue
  /** Default "Handle or DID". */
  readonly label?: ReactNode
  /** Default `alice.bsky.social`. */
  readonly placeholder?: string
  /** A line between the label and the field. Default none. */
  readonly hint?: ReactNode
  /** Default "Sign in". */
  readonly submitLabel?: ReactNode
  /** Text of the button while the form is being submitted. Default "Signing in…". */
  readonly pendingLabel?: ReactNode
  /**
   * Shown when the Content-Security-Policy of your page keeps the browser from going on to the account's server. Default:
   * a sentence in English.
   */
  readonly blockedMessage?: ReactNode
  /** The error message in your own words or language. Default: `signInErrorMessage`, in English. */
  readonly errorMessage?: ReactNode
  /** The word before the reference of an error. Default "Reference:". */
  readonly referenceLabel?: ReactNode
  /** Suggests handles while the user types. This sends the typed text to an AppView. Default false. */
  readonly suggestions?: boolean | SuggestionOptions
  /**
   * Servers on which the user can create an account: https addresses, with one button each. The login route must allow
   * them too (`signUpHosts` of `createAtprotoAuth`); otherwise the button leads to an error. Default none.
   */
  readonly signUpHosts?: readonly (string | SignUpHost)[]
  /** Heading above those buttons. Default "New here?". */
  readonly signUpHeading?: ReactNode
  readonly slots?: SignInFormSlots
  readonly classNames?: SignInFormClassNames
  /** Class of the outermost element. */
  readonly className?: string
}

/**
 * A form that asks for a handle or DID and posts `identifier`, `returnTo` and `scope` to the login route. It is a
 * server component; it also works in a client component, with a server action and its `state`. The user enters the
 * password on their own server, so the form handles no secrets. A form without the props `error` and `state`, as in the
 * fallback of a `<Suspense>`, can show no error: in a browser without scripts, the plain page of the route handlers shows it.
 *
 * @throws TypeError when a sign-up host or the AppView of the suggestions is not https
 */
export function SignInForm(props: SignInFormProps) {
  const { basePath = DEFAULT_BASE_PATH, slots = {}, classNames = {}, signUpHosts = [] } = props
  const id = useId()
  const action = props.action ?? `${basePath}/login`
  const fields = { returnTo: readSingle(props.returnTo), scope: readSingle(props.scope, MAX_SCOPE) }
  // Not given, not even as undefined: a form in the static shell of a page, which stays there without scripts.
  const showsErrors = 'error' in props || 'state' in props
  return (
    <div data-atproto="sign-in" className={props.className}>
      {slots.before}
      <PostForm data-atproto="sign-in-form" className={classNames.form} action={action} fields={fields}>
        {showsErrors ? null : <NoScriptsField />}
        <IdentifierField {...props} id={id} />
        {slots.beforeSubmit}
        <SubmitButton
          data-atproto="submit"
          className={classNames.submit}
          pendingLabel={props.pendingLabel ?? 'Signing in…'}
          blockedMessage={props.blockedMessage}
        >
          {props.submitLabel ?? 'Sign in'}
        </SubmitButton>
      </PostForm>
      {signUpHosts.length === 0 ? null : (
        <SignUp
          query={props.query}
          hosts={signUpHosts}
          action={action}
          fields={fields}
          heading={props.signUpHeading ?? 'New here?'}
          headingId={`${id}-sign-up`}
          buttonClassName={classNames.signUpButton}
          showsErrors={showsErrors}
        />
      )}
      {slots.after}
    </div>
  )
}

type SignUpProps = SignUpButtonsProps & { readonly query: SignInQuery | undefined }

/** The buttons are there at once; what they say of the query follows. */
function SignUp({ query, ...props }: SignUpProps) {
  if (!query) return <SignUpButtons {...props} />
  return (
    <Suspense fallback={<SignUpButtons {...props} />}>
      <SignUpFromQuery {...props} query={query} />
    </Suspense>
  )
}

function SignUpFromQuery({ query, ...props }: SignUpButtonsProps & { readonly query: SignInQuery }) {
  return <SignUpButtons {...props} fields={fieldsOf(use(query))} />
}

function IdentifierField({ id, ...props }: SignInFormProps & { readonly id: string }) {
  const { label = 'Handle or DID', hint, suggestions = false, classNames = {}, state } = props
  const message = errorMessageOf(props)
  const look: ErrorLook = { referenceLabel: props.referenceLabel, classNames }
  const described = [...(message ? [`${id}-error`] : []), ...(hint === undefined ? [] : [`${id}-hint`])]
  const input: HandleInputProps = {
    ...identifierAttributes,
    id,
    placeholder: props.placeholder ?? 'alice.bsky.social',
    className: classNames.input,
    defaultValue: state?.identifier ?? readSingle(props.identifier),
    'aria-invalid': isIdentifierError(errorCodeOf(props)) || undefined,
    'aria-describedby': described.join(' ') || undefined,
    // Only when there is an error: otherwise it would move users past the content before the field.
    autoFocus: Boolean(message),
  }
  return (
    <div data-atproto="field">
      {props.query ? (
        <Suspense fallback={null}>
          <FromQuery
            query={props.query}
            fieldId={id}
            errorId={`${id}-error`}
            errorMessage={props.errorMessage}
            {...look}
          />
        </Suspense>
      ) : null}
      <ErrorMessage {...look} message={message} reference={errorReferenceOf(props)} id={`${id}-error`} />
      <label data-atproto="label" className={classNames.label} htmlFor={id}>
        {label}
      </label>
      {hint === undefined ? null : (
        <p data-atproto="hint" className={classNames.hint} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {suggestions === false ? (
        <input {...input} />
      ) : (
        <SuggestingInput
          input={input}
          settings={toSuggestionSettings(suggestions === true ? {} : suggestions)}
        />
      )}
      {state === undefined ? null : <FocusOnError fieldId={id} state={state} />}
    </div>
  )
}

const identifierAttributes = {
  'data-atproto': 'input',
  name: 'identifier',
  type: 'text',
  required: true,
  maxLength: 2_048,
  autoComplete: 'username',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
  enterKeyHint: 'go',
} as const
