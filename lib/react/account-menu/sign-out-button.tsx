/** A button that signs out, as a form of its own: a link could be followed by a prefetch. */
import type { ReactNode } from 'react'
import { DEFAULT_BASE_PATH, type FormTarget, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'

export interface SignOutButtonProps {
  /** Path of the library's route handlers, with Next's own `basePath` if there is one. Default `/oauth`. */
  readonly basePath?: string
  /** Where the form is sent instead of to the logout route: an action of the application. */
  readonly action?: FormTarget
  /**
   * Which account. Default the active one, as it is when the form arrives: name it where a person may have switched in
   * another tab.
   */
  readonly did?: string
  /** Signs the account out in all its browsers. Default false. */
  readonly everywhere?: boolean
  /** Where the person goes afterwards: a path of this site. Default: what `createAtprotoAuth` says. */
  readonly returnTo?: string
  /** Default "Sign out", or "Sign out everywhere". */
  readonly children?: ReactNode
  /** On the button while it is at work. Default "Signing out…". */
  readonly pendingLabel?: ReactNode
  /** Of the button. */
  readonly className?: string
  /** Name for screen readers where the words on the button are not enough, as in a list of accounts. */
  readonly 'aria-label'?: string
}

/** Posts `did`, `everywhere` and `returnTo` to the logout route. A server component that works without scripts. */
export function SignOutButton({
  basePath = DEFAULT_BASE_PATH,
  action = `${basePath}/logout`,
  did,
  everywhere = false,
  returnTo,
  children = everywhere ? 'Sign out everywhere' : 'Sign out',
  pendingLabel = 'Signing out…',
  className,
  'aria-label': ariaLabel,
}: SignOutButtonProps) {
  const fields = { did, everywhere: everywhere ? '1' : undefined, returnTo }
  return (
    <PostForm data-atproto="sign-out-form" action={action} fields={fields}>
      <SubmitButton
        data-atproto="sign-out"
        className={className}
        aria-label={ariaLabel}
        pendingLabel={pendingLabel}
      >
        {children}
      </SubmitButton>
    </PostForm>
  )
}
