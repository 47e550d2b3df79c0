/** The sign-in form: server-rendered, complete without scripts, and unstyled unless the stylesheet is loaded. */
import { type ReactNode, useId } from 'react'
import { signInErrorMessage } from '../../web/sign-in-error.ts'
import { DEFAULT_BASE_PATH, type FormTarget, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'
import { type HandleInputProps, SuggestingInput } from '../suggestions/handle-input.tsx'
import { type SuggestionOptions, toSuggestionSettings } from '../suggestions/profile-suggestions.ts'
import { FocusOnError } from './focus-on-error.tsx'
import { type QueryValue, readOnce } from './query-value.ts'
import { SignUpButtons, type SignUpHost } from './sign-up-buttons.tsx'

/**
 * What an action of the application returns to `useActionState` when a sign-in could not begin; `auth.signIn` with
 * `redirectOnFailure: false` returns such a thing.
 */
export interface SignInFormState {
  /** A code of `SignInErrorCode`. */
  readonly error?: string | undefined
  /** What was typed, so that nobody types it twice. */
  readonly identifier?: string | undefined
}

/** Class names of the parts, beside their `data-atproto` attributes. */
export type SignInFormClassNames = {
  readonly [part in 'form' | 'label' | 'hint' | 'error' | 'input' | 'submit' | 'signUpButton']?: string
}

/** What an application puts between the parts. */
export interface SignInFormSlots {
  /** Above the form. */
  readonly before?: ReactNode
  /** In the form, between the field and the button; fields in it are posted too. */
  readonly beforeSubmit?: ReactNode
  /** Below everything. */
  readonly after?: ReactNode
}

export interface SignInFormProps {
  /** Path of the library's route handlers, with Next's own `basePath` if there is one. Default `/oauth`. */
  readonly basePath?: string
  /** Where the form is sent instead of to the login route: an action of the application. */
  readonly action?: FormTarget
  /**
   * The first value of `useActionState`, when `action` is its second; goes before `error` and `identifier`. Null and an
   * empty object say that nothing has happened yet.
   */
  readonly state?: SignInFormState | null
  /** The `error` of the page's `searchParams`: a code of `SignInErrorCode`; any other text shows a general sentence. */
  readonly error?: QueryValue
  /** The `identifier` of the page's `searchParams`: what the field holds at first. */
  readonly identifier?: QueryValue
  /** The `returnTo` of the page's `searchParams`, or a path of this site; where the person goes after signing in. */
  readonly returnTo?: QueryValue
  /**
   * The `scope` of the page's `searchParams`: what a page with `requireSession({ scope })` needs. Handed on, the person
   * gives the permission with the sign-in; left out, that page sends them here again and again.
   */
  readonly scope?: QueryValue
  /** Default "Handle or DID". */
  readonly label?: ReactNode
  /** Default `alice.bsky.social`. */
  readonly placeholder?: string
  /** A line between label and field. Default none. */
  readonly hint?: ReactNode
  /** Default "Sign in". */
  readonly submitLabel?: ReactNode
  /** On the button while the sign-in begins. Default "Signing in…". */
  readonly pendingLabel?: ReactNode
  /** The sentence for the error in your own words or language. Default: `signInErrorMessage`, in English. */
  readonly errorMessage?: ReactNode
  /** Suggests handles while a person types: sends what is typed to an AppView. Default off. */
  readonly suggestions?: boolean | SuggestionOptions
  /**
   * Servers at which a person can create an account: https addresses, one button each. Hosts that the login route does
   * not allow answer with an error. Default none.
   */
  readonly signUpHosts?: readonly (string | SignUpHost)[]
  /** Above those buttons. Default "New here?". */
  readonly signUpHeading?: ReactNode
  readonly slots?: SignInFormSlots
  readonly classNames?: SignInFormClassNames
  /** Of the outermost element. */
  readonly className?: string
}

/**
 * A form that asks for a handle or DID and posts `identifier`, `returnTo` and `scope` to the login route. A server
 * component; in a client component it works the same, with an action and its `state`. The password is asked for by
 * the person's own server, so nothing secret passes through here and nothing is remembered.
 *
 * @throws TypeError when a sign-up host or the AppView of the suggestions is not https
 */
export function SignInForm(props: SignInFormProps) {
  const { basePath = DEFAULT_BASE_PATH, slots = {}, classNames = {}, signUpHosts = [] } = props
  const id = useId()
  const action = props.action ?? `${basePath}/login`
  const fields = { returnTo: readOnce(props.returnTo), scope: readOnce(props.scope, MAX_SCOPE) }
  return (
    <div data-atproto="sign-in" className={props.className}>
      {slots.before}
      <PostForm data-atproto="sign-in-form" className={classNames.form} action={action} fields={fields}>
        <IdentifierField {...props} id={id} />
        {slots.beforeSubmit}
        <SubmitButton
          data-atproto="submit"
          className={classNames.submit}
          pendingLabel={props.pendingLabel ?? 'Signing in…'}
        >
          {props.submitLabel ?? 'Sign in'}
        </SubmitButton>
      </PostForm>
      {signUpHosts.length === 0 ? null : (
        <SignUpButtons
          hosts={signUpHosts}
          action={action}
          fields={fields}
          heading={props.signUpHeading ?? 'New here?'}
          headingId={`${id}-sign-up`}
          buttonClassName={classNames.signUpButton}
        />
      )}
      {slots.after}
    </div>
  )
}

function IdentifierField({ id, ...props }: SignInFormProps & { readonly id: string }) {
  const { label = 'Handle or DID', hint, suggestions = false, classNames = {}, state } = props
  const message = errorMessageOf(props)
  const described = [...(message ? [`${id}-error`] : []), ...(hint === undefined ? [] : [`${id}-hint`])]
  const input: HandleInputProps = {
    ...identifierAttributes,
    id,
    placeholder: props.placeholder ?? 'alice.bsky.social',
    className: classNames.input,
    defaultValue: state?.identifier ?? readOnce(props.identifier),
    'aria-invalid': message ? true : undefined,
    'aria-describedby': described.join(' ') || undefined,
    // Only where something is to be put right: elsewhere it would carry people past what comes before the field.
    autoFocus: Boolean(message),
  }
  return (
    <div data-atproto="field">
      {message ? (
        <p data-atproto="error" className={classNames.error} role="alert" id={`${id}-error`}>
          {message}
        </p>
      ) : null}
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

/** As on the handlers' own page: an application may ask for a hundred permissions. */
const MAX_SCOPE = 8_192

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

/** The sentence to show; a code that nobody knows, which anybody can put into a link, gets the general one. */
function errorMessageOf({ state, error, errorMessage }: SignInFormProps): ReactNode {
  const code = state?.error ?? readOnce(error)
  if (code === undefined) return undefined
  return errorMessage ?? signInErrorMessage(code) ?? signInErrorMessage('sign_in_failed')
}
