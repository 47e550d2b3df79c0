/** A sign-out button. It is a form and not a link, because a prefetch could follow a link. */
import type { ReactNode } from 'react'
import { DEFAULT_BASE_PATH, type FormTarget, PostForm } from '../parts/post-form.tsx'
import { SubmitButton } from '../parts/submit-button.tsx'

/** Props of `<SignOutButton>`. */
export interface SignOutButtonProps {
  /** Path of the library's route handlers, including the `basePath` of Next.js if you use one. Default `/oauth`. */
  readonly basePath?: string
  /** Where the form is submitted: a path or a server action. Default: the logout route. */
  readonly action?: FormTarget
  /**
   * The account to sign out. Default: the account that is active when the form arrives. Set it if the user may switch
   * accounts in another tab.
   */
  readonly did?: string
  /** Signs the account out in all browsers. Default false. */
  readonly everywhere?: boolean
  /** Where the user goes afterwards: a path of this site. Default: the option of `createAtprotoAuth`. */
  readonly returnTo?: string
  /** Default "Sign out", or "Sign out everywhere". */
  readonly children?: ReactNode
  /** Text of the button while signing out. Default "Signing out…". */
  readonly pendingLabel?: ReactNode
  /** Class of the button. */
  readonly className?: string
  /** Name for screen readers, if the text of the button is not enough, as in a list of accounts. */
  readonly 'aria-label'?: string
}

/**
 * A button that posts `did`, `everywhere` and `returnTo` to the logout route. A server component that works without
 * scripts.
 */
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
